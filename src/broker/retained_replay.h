// A walk through the retained messages for one new subscription. The session takes as
// many as it has room for, in its own time; so no wildcard is too wide.
#pragma once

#include "broker/subscriber.h"
#include "session/message.h"
#include "topic/index.h"
#include "topic/retained.h"

namespace gaon::broker {

struct RetainedReplay {
  topic::FilterId filter;
  Subscriber options;
  topic::Retained<Message>::Cursor cursor;
};

}  // namespace gaon::broker
