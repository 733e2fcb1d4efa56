#include "session/client/client_state.hpp"

#include "net/common/asio_compat.hpp"

#include <mistral/workflows/version.hpp>
#include "protocol/http/server_url.hpp"
#include "protocol/http/uuid.hpp"
#include "session/client/proxy_choice.hpp"

#include <mistral/workflows/error.hpp>

#include <unistd.h>

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <iterator>
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

constexpr std::string_view reserved_headers[] = {"Host",       "Authorization", "Content-Length", "Transfer-Encoding",
                                                 "Connection", "Content-Type",  "Accept"};

bool is_reserved(std::string_view name) {
  return std::any_of(std::begin(reserved_headers), std::end(reserved_headers),
                     [&](std::string_view reserved) { return protocol::same_header(name, reserved); });
}

void check_header(const std::string& name, const std::string& value, const std::string& field) {
  if (!is_token(name)) throw invalid_argument(field, "holds a name that is not a header name");
  if (is_reserved(name)) throw invalid_argument(field, "must not set " + name + ": the client does");
  // The value may be a secret: only the name is told.
  if (!is_field_value(value)) throw invalid_argument(field, "holds a byte in " + name + " that no header may hold");
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
  if (rate.requests_per_second != 0 && !(rate.requests_per_second >= 0.001 && rate.requests_per_second <= 1e6))
    throw invalid_argument(field + "requests_per_second", "must be 0 (no limit), or from 0.001 to 1,000,000");
  if (rate.burst < 1 || rate.burst > 1'000'000)
    throw invalid_argument(field + "burst", "must be from 1 to 1,000,000, and is " + std::to_string(rate.burst));
  if (rate.max_in_flight < 0) throw invalid_argument(field + "max_in_flight", "must not be negative");
}

protocol::rate_limits limits_of(const rate_options& rate) {
  protocol::rate_limits out;
  out.per_second = rate.requests_per_second;
  out.burst = rate.burst;
  out.in_flight = rate.max_in_flight;
  return out;
}

void check_positive(const char* name, std::chrono::milliseconds value) {
  if (value <= std::chrono::milliseconds(0))
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

client_options checked(client_options options) {
  if (!options.api_key.empty() && options.api_key_supplier)
    throw invalid_argument("client_options.api_key", "and api_key_supplier exclude each other");
  if (options.api_key.empty() && !options.api_key_supplier) options.api_key = from_environment("MISTRAL_API_KEY");
  if (options.server_url.empty()) options.server_url = from_environment("MISTRAL_SERVER_URL");
  if (options.server_url.empty()) options.server_url = "https://api.mistral.ai";
  // A header of that name is the option by another name.
  for (auto one = options.headers.begin(); one != options.headers.end();) {
    const bool names_client = protocol::same_header(one->first, "User-Agent");
    if (names_client) options.user_agent = one->second;
    one = names_client ? options.headers.erase(one) : one + 1;
  }
  if (options.user_agent.empty()) options.user_agent = "mistral-workflows-cpp/" + std::string(version);
  if (!is_field_value(options.user_agent))
    throw invalid_argument("client_options.user_agent", "holds a byte that no header may hold");
  check_headers(options.headers, "client_options.headers");
  check_retry(options.retry, "client_options.retry");
  check_budget(options.retry_budget);
  check_rate(options.rate);
  check_positive("call_deadline", options.call_deadline);
  check_positive("handler_deadline", options.handler_deadline);
  check_positive("connect_limit", options.connect_limit);
  check_positive("stream_idle_limit", options.stream_idle_limit);
  check_positive("idle_connection_limit", options.idle_connection_limit);
  check_positive("connection_lifetime", options.connection_lifetime);
  check_at_least("max_connections", options.max_connections, 1);
  check_at_least("max_streams", options.max_streams, 0);
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

net::pool_options pool_options_of(const client_options& options, const protocol::server_url& url) {
  net::pool_options out(net::origin(url.tls, url.host, url.port));
  out.tls.ca_file = options.tls.ca_file;
  out.tls.ca_pem = options.tls.ca_pem;
  out.tls.client_certificate_file = options.tls.client_certificate_file;
  out.tls.client_certificate_pem = options.tls.client_certificate_pem;
  out.tls.client_key_file = options.tls.client_key_file;
  out.tls.client_key_pem = options.tls.client_key_pem;
  out.tls.key_log_file = options.tls.key_log_file;
  out.proxy = choose_proxy(options.proxy, url);
  out.resolve = options.resolve;
  out.call_connections = options.max_connections;
  out.stream_connections = options.max_streams;
  out.connect_limit = options.connect_limit;
  out.idle_limit = options.idle_connection_limit;
  out.lifetime = options.connection_lifetime;
  out.header_limit = options.max_header;
  out.body_limit = options.max_body;
  return out;
}

std::shared_ptr<net::pool> make_pool(const boost::asio::any_io_executor& executor, net::pool_options options) {
  try {
    return std::make_shared<net::pool>(executor, std::move(options));
  } catch (const net::option_error& e) {
    throw invalid_argument("client_options." + e.field(), e.what());
  }
}

}  // namespace

void check_headers(const protocol::header_list& headers, const std::string& field) {
  for (const auto& [name, value] : headers) check_header(name, value, field);
}

bool may_set_header(std::string_view name, std::string_view value) {
  return is_token(name) && !is_reserved(name) && is_field_value(value);
}

void check_retry(const retry_options& retry, const std::string& field) {
  if (retry.max_attempts < 1 || retry.max_attempts > 100)
    throw invalid_argument(field + ".max_attempts",
                           "must be from 1 to 100, and is " + std::to_string(retry.max_attempts));
  if (retry.initial_backoff <= std::chrono::milliseconds(0))
    throw invalid_argument(field + ".initial_backoff", "must be longer than 0 ms");
  if (retry.max_backoff < retry.initial_backoff)
    throw invalid_argument(field + ".max_backoff", "must not be shorter than initial_backoff");
  if (retry.look_distance < std::chrono::milliseconds(1) || retry.look_distance > std::chrono::seconds(60))
    throw invalid_argument(field + ".look_distance",
                           "must be from 1 to 60,000 ms, and is " + std::to_string(retry.look_distance.count()));
  if (retry.max_retry_after < std::chrono::milliseconds(0))
    throw invalid_argument(field + ".max_retry_after", "must not be negative");
}

client_state::client_state(boost::asio::any_io_executor executor, client_options options)
    : client_state(std::move(executor), checked(std::move(options)), net::connect_function()) {}

client_state::client_state(boost::asio::any_io_executor executor, client_options checked_options,
                           net::connect_function connect)
    : executor_(std::move(executor)),
      options_(std::move(checked_options)),
      key_(options_.api_key, options_.api_key_supplier),
      retry_budget_(options_.retry_budget),
      admission_(std::make_shared<session::admission>(net::below_strand(executor_), limits_of(options_.rate))) {
  const auto url =
      protocol::parse_server_url(options_.server_url, options_.allow_insecure_http, "client_options.server_url");
  defaults_ = defaults_of(options_, url);
  net::pool_options pool = pool_options_of(options_, url);
  pool.connect = std::move(connect);
  pool_ = make_pool(executor_, std::move(pool));
}

client_state_ptr client_state::over(boost::asio::any_io_executor executor, client_options options,
                                    net::connect_function connect) {
  return client_state_ptr(new client_state(std::move(executor), checked(std::move(options)), std::move(connect)));
}

double client_state::random01() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_engine()); }

std::string client_state::new_execution_id() {
  std::array<std::uint8_t, 10> random;
  if (::getentropy(random.data(), random.size()) != 0)
    throw boost::system::system_error(boost::system::error_code(errno, boost::system::system_category()), "getentropy");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return protocol::make_uuid_v7(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()), random);
}

}  // namespace mistral::workflows::session
