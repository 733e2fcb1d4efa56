#include "session/client_state.hpp"

#include "protocol/server_url.hpp"
#include "protocol/uuid.hpp"
#include "session/version.hpp"

#include <mistral/workflows/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string_view>

namespace mistral::workflows::session {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::mt19937_64& random_engine() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return engine;
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

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
    return (x | 0x20) == (y | 0x20);
  });
}

void check_header(const std::string& name, const std::string& value) {
  const std::string field = "client_options.headers";
  if (!is_token(name)) throw invalid_argument(field, "holds a name that is not a header name");
  for (const std::string_view reserved :
       {"Host", "Authorization", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type", "Accept"})
    if (equal_ignoring_case(name, reserved))
      throw invalid_argument(field, "must not set " + std::string(reserved) + ": the client does");
  // The value may be a secret: only the name is told.
  if (!is_field_value(value)) throw invalid_argument(field, "holds a byte in " + name + " that no header may hold");
}

void check_positive(const char* name, std::chrono::milliseconds value) {
  if (value <= std::chrono::milliseconds(0))
    throw invalid_argument("client_options." + std::string(name),
                           "must be longer than 0 ms, and is " + std::to_string(value.count()));
}

void check_positive(const char* name, std::size_t value) {
  if (value == 0) throw invalid_argument("client_options." + std::string(name), "must not be 0");
}

void check_retry(const retry_options& retry) {
  if (retry.max_attempts < 1 || retry.max_attempts > 100)
    throw invalid_argument("client_options.retry.max_attempts",
                           "must be from 1 to 100, and is " + std::to_string(retry.max_attempts));
  check_positive("retry.initial_backoff", retry.initial_backoff);
  check_positive("retry.max_backoff", retry.max_backoff);
  if (retry.max_retry_after < std::chrono::milliseconds(0))
    throw invalid_argument("client_options.retry.max_retry_after", "must not be negative");
}

client_options checked(client_options options) {
  if (!options.api_key.empty() && options.api_key_supplier)
    throw invalid_argument("client_options.api_key", "and api_key_supplier exclude each other");
  if (options.api_key.empty() && !options.api_key_supplier) options.api_key = from_environment("MISTRAL_API_KEY");
  if (options.server_url.empty()) options.server_url = from_environment("MISTRAL_SERVER_URL");
  if (options.server_url.empty()) options.server_url = "https://api.mistral.ai";
  if (options.user_agent.empty()) options.user_agent = "mistral-workflows-cpp/" + std::string(version);
  if (!is_field_value(options.user_agent))
    throw invalid_argument("client_options.user_agent", "holds a byte that no header may hold");
  for (const auto& [name, value] : options.headers) check_header(name, value);
  check_retry(options.retry);
  check_positive("call_deadline", options.call_deadline);
  check_positive("connect_limit", options.connect_limit);
  check_positive("stream_idle_limit", options.stream_idle_limit);
  check_positive("idle_connection_limit", options.idle_connection_limit);
  check_positive("connection_lifetime", options.connection_lifetime);
  check_positive("max_connections", options.max_connections);
  check_positive("max_body", options.max_body);
  check_positive("max_header", options.max_header);
  check_positive("max_json_depth", options.max_json_depth);
  return options;
}

protocol::request_defaults defaults_of(const client_options& options, const protocol::server_url& url) {
  protocol::request_defaults out;
  out.host = url.host_header;
  out.path_prefix = url.path_prefix;
  out.user_agent = options.user_agent;
  out.headers = options.headers;
  return out;
}

}  // namespace

double client_state::random01() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_engine()); }

std::string client_state::new_execution_id() {
  std::array<std::uint8_t, 10> random;
  for (std::uint8_t& byte : random) byte = static_cast<std::uint8_t>(random_engine()());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return protocol::make_uuid_v7(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()), random);
}

}  // namespace mistral::workflows::session
