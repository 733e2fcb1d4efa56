#include "api/pages.hpp"

#include "protocol/http/redact.hpp"

#include <mistral/workflows/error.hpp>

namespace mistral::workflows::api {

void throw_circular(const std::string& operation, std::string_view next_name, const std::string& cursor) {
  throw decode_error("/" + std::string(next_name), "the pages lead in a circle: a cursor came again", 200,
                     protocol::excerpt(cursor), error_context(operation, 1, server_action::no));
}

}  // namespace mistral::workflows::api
