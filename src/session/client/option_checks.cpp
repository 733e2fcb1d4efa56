#include "session/client/option_checks.hpp"

#include "protocol/http/server_url.hpp"
#include "session/client/api_key.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/version.hpp>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

namespace mistral::workflows::session {
namespace {

using std::chrono::milliseconds;

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool is_token(std::string_view text) {
  constexpr std::string_view separators = "()<>@,;:\\\"/[]?={}";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f &&
           separators.find(c) == std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

constexpr std::string_view reserved_headers[] = {
    "Host",       "Authorization", "Content-Length", "Transfer-Encoding",
    "Connection", "Content-Type",  "Accept",         "Accept-Encoding"};

bool is_reserved(std::string_view name) {
  return std::any_of(std::begin(reserved_headers), std::end(reserved_headers),
                     [&](std::string_view reserved) { return protocol::same_header(name, reserved); });
}

void check_header(const std::string& name, const std::string& value, const std::string& field) {
  if (!is_token(name)) throw invalid_argument(field, "holds a name that is not a header name");
  if (is_reserved(name)) throw invalid_argument(field, "must not set " + name + ": the client does");
  // The value may be a secret: only the name is told.
  if (!is_field_value(value))
    throw invalid_argument(field, "holds a byte in " + name + " that no header may hold");
}

void check_budget(const retry_budget_options& budget) {
  const std::string field = "client_options.retry_budget.";
  if (budget.capacity < 0) throw invalid_argument(field + "capacity", "must not be negative");
  if (!(budget.per_success >= 0 && budget.per_success <= 1))
    throw invalid_argument(field + "per_success", "must be from 0 to 1");
  if (!(budget.per_second >= 0 && budget.per_second <= 1e6))
    throw invalid_argument(field + "per_second", "must be from 0 to 1,000,000");
}

void check_rate(const rate_options& rate) {
  const std::string field = "client_options.rate.";
  if (rate.requests_per_second != 0 &&
      !(rate.requests_per_second >= 0.001 && rate.requests_per_second <= 1e6))
    throw invalid_argument(field + "requests_per_second", "must be 0 (no limit), or from 0.001 to 1,000,000");
  if (rate.burst < 1 || rate.burst > 1'000'000)
    throw invalid_argument(field + "burst",
                           "must be from 1 to 1,000,000, and is " + std::to_string(rate.burst));
  if (rate.max_in_flight < 0) throw invalid_argument(field + "max_in_flight", "must not be negative");
}

void check_positive(const char* name, milliseconds value) {
  if (value <= milliseconds(0))
    throw invalid_argument("client_options." + std::string(name),
                           "must be longer than 0 ms, and is " + std::to_string(value.count()));
}

void check_positive(const char* name, std::size_t value) {
  if (value == 0) throw invalid_argument("client_options." + std::string(name), "must not be 0");
}

void check_at_least(const char* name, int value, int least) {
  if (value < least)
    throw invalid_argument("client_options." + std::string(name),
                           "must be at least " + std::to_string(least) + ", and is " + std::to_string(value));
}

void take_time(const char* name, milliseconds& value) {
  check_positive(name, value);
  value = bounded(value);
}

void take_size(const char* name, std::size_t& value, std::size_t most) {
  check_positive(name, value);
  value = std::min(value, most);
}

// Checked here, where it is known that they come from a variable: it is to be named then, not the option.
void take_from_environment(checked_client_options& options) {
  const std::string key_variable = "MISTRAL_API_KEY", url_variable = "MISTRAL_SERVER_URL";
  if (options.api_key.empty() && !options.api_key_supplier) {
    options.api_key = from_environment(key_variable.c_str());
    if (!options.api_key.empty()) {
      checked_authorization(options.api_key, key_variable);
      options.key_variable = key_variable;
    }
  }
  if (options.server_url.empty()) {
    options.server_url = from_environment(url_variable.c_str());
    if (!options.server_url.empty())
      protocol::parse_server_url(options.server_url, options.allow_insecure_http, url_variable);
  }
  if (options.server_url.empty()) options.server_url = "https://api.mistral.ai";
}

// A header of that name is the option by another name.
void take_user_agent(client_options& options) {
  for (auto one = options.headers.begin(); one != options.headers.end();) {
    const bool names_client = protocol::same_header(one->first, "User-Agent");
    if (names_client) options.user_agent = one->second;
    one = names_client ? options.headers.erase(one) : one + 1;
  }
  if (options.user_agent.empty()) options.user_agent = "mistral-workflows-cpp/" + std::string(version);
  if (!is_field_value(options.user_agent))
    throw invalid_argument("client_options.user_agent", "holds a byte that no header may hold");
}

void take_limits(client_options& options) {
  take_time("call_deadline", options.call_deadline);
  take_time("handler_deadline", options.handler_deadline);
  take_time("connect_limit", options.connect_limit);
  take_time("stream_idle_limit", options.stream_idle_limit);
  take_time("idle_connection_limit", options.idle_connection_limit);
  take_time("connection_lifetime", options.connection_lifetime);
  check_at_least("max_connections", options.max_connections, 1);
  check_at_least("max_streams", options.max_streams, 0);
  take_size("max_body", options.max_body, largest_body);
  take_size("max_header", options.max_header, largest_header);
  take_size("max_json_depth", options.max_json_depth, deepest_json);
}

}  // namespace

void check_headers(const protocol::header_list& headers, const std::string& field) {
  for (const auto& [name, value] : headers) check_header(name, value, field);
}

bool may_set_header(std::string_view name, std::string_view value) {
  return is_token(name) && !is_reserved(name) && is_field_value(value);
}

retry_options checked(retry_options retry, const std::string& field) {
  if (retry.max_attempts < 1 || retry.max_attempts > 100)
    throw invalid_argument(field + ".max_attempts",
                           "must be from 1 to 100, and is " + std::to_string(retry.max_attempts));
  if (retry.initial_backoff <= milliseconds(0))
    throw invalid_argument(field + ".initial_backoff", "must be longer than 0 ms");
  if (retry.max_backoff < retry.initial_backoff)
    throw invalid_argument(field + ".max_backoff", "must not be shorter than initial_backoff");
  if (retry.look_distance < milliseconds(1) || retry.look_distance > std::chrono::seconds(60))
    throw invalid_argument(field + ".look_distance", "must be from 1 to 60,000 ms, and is " +
                                                         std::to_string(retry.look_distance.count()));
  if (retry.max_retry_after < milliseconds(0))
    throw invalid_argument(field + ".max_retry_after", "must not be negative");
  for (milliseconds* const time : {&retry.initial_backoff, &retry.max_backoff, &retry.max_retry_after})
    *time = bounded(*time);
  return retry;
}

checked_client_options checked(client_options given) {
  checked_client_options options(std::move(given));
  if (!options.api_key.empty() && options.api_key_supplier)
    throw invalid_argument("client_options.api_key", "and api_key_supplier exclude each other");
  take_from_environment(options);
  take_user_agent(options);
  check_headers(options.headers, "client_options.headers");
  options.retry = checked(options.retry, "client_options.retry");
  check_budget(options.retry_budget);
  check_rate(options.rate);
  take_limits(options);
  return options;
}

call_options checked(call_options options) {
  if (options.deadline && *options.deadline <= milliseconds(0))
    throw invalid_argument("call_options.deadline", "must be longer than 0 ms");
  if (options.deadline) options.deadline = bounded(*options.deadline);
  if (options.retry) options.retry = checked(*options.retry, "call_options.retry");
  check_headers(options.headers, "call_options.headers");
  return options;
}

stream_options checked(stream_options options) {
  const auto take = [](milliseconds& value, const char* name) {
    if (value <= milliseconds(0))
      throw invalid_argument(std::string("stream_options.") + name, "must be positive");
    value = bounded(value);
  };
  take(options.idle_limit, "idle_limit");
  take(options.status_check, "status_check");
  take(options.drain_time, "drain_time");
  take(options.missing_after, "missing_after");
  take(options.initial_backoff, "initial_backoff");
  take(options.max_backoff, "max_backoff");
  take(options.reconnect_budget, "reconnect_budget");
  if (static_cast<unsigned>(options.on_missing_event) > static_cast<unsigned>(missing_event::end))
    throw invalid_argument("stream_options.on_missing_event", "is none of its enumeration's values");
  if (options.max_attempts < 0) throw invalid_argument("stream_options.max_attempts", "must not be negative");
  if (options.max_event == 0) throw invalid_argument("stream_options.max_event", "must be positive");
  if (options.from.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos)
    throw invalid_argument("stream_options.from", "holds a line end or NUL, which no cursor has");
  return options;
}

}  // namespace mistral::workflows::session
