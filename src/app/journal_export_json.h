// What `gaon journal export` says of a session and of a message. Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "broker/image.h"

namespace gaon::app {

using Json = nlohmann::ordered_json;

Json session_json(const broker::SessionImage& session, std::size_t messages);
// Topic, QoS, payload and properties of any message, behind what is already in json.
void put_message(Json& json, const MessageParts& message);
void put_copy(Json& json, const broker::SessionImage& session, const broker::CopyImage& copy);

std::string json_line(const Json& json);

}  // namespace gaon::app
