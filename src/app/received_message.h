// A message of client/ as the formats show it.
#pragma once

#include "app/message_format.h"
#include "client/incoming.h"

namespace gaon::app {

// Views on message.
ReceivedMessage received_message(const client::Received& message);

}  // namespace gaon::app
