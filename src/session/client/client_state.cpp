#include "session/client/client_state.hpp"

#include "net/common/asio_compat.hpp"

#include "protocol/calls/batch_ending.hpp"
#include "protocol/http/server_url.hpp"
#include "protocol/http/uuid.hpp"
#include "session/client/option_checks.hpp"
#include "session/client/proxy_choice.hpp"

#include <mistral/workflows/error.hpp>

#include <unistd.h>

#include <boost/system/system_error.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <random>
#include <string_view>

namespace mistral::workflows::session {
namespace {

std::mt19937_64& random_engine() {
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return engine;
}

protocol::rate_limits limits_of(const rate_options& rate) {
  protocol::rate_limits out;
  out.per_second = rate.requests_per_second;
  out.burst = rate.burst;
  out.in_flight = rate.max_in_flight;
  return out;
}

// Beside those of one kind.
protocol::rate_limits at_a_time(int requests) {
  protocol::rate_limits out;
  out.in_flight = requests;
  return out;
}

constexpr int most_status_looks = 4;

protocol::request_defaults defaults_of(const client_options& options, const protocol::server_url& url) {
  protocol::request_defaults out;
  out.host = url.host_header;
  out.path_prefix = url.path_prefix;
  out.user_agent = options.user_agent;
  out.headers = options.headers;
  return out;
}

std::function<void(const net::option_error&)> telling(std::function<void(const std::string&)> hook) {
  return [hook = std::move(hook)](const net::option_error& e) {
    hook("client_options." + e.field() + " " + e.reason());
  };
}

net::pool_options pool_options_of(const client_options& options, const protocol::server_url& url) {
  net::pool_options out(net::origin(url.tls, url.host, url.port));
  out.tls.ca_file = options.tls.ca_file;
  out.tls.ca_pem = options.tls.ca_pem;
  out.tls.client_certificate_file = options.tls.client_certificate_file;
  out.tls.client_certificate_pem = options.tls.client_certificate_pem;
  out.tls.client_key_file = options.tls.client_key_file;
  out.tls.client_key_pem = options.tls.client_key_pem;
  out.tls.client_key_password = options.tls.client_key_password;
  out.tls.key_log_file = options.tls.key_log_file;
  if (options.tls.reload_failed) out.tls.reload_failed = telling(options.tls.reload_failed);
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

std::shared_ptr<net::pool> make_pool(const boost::asio::any_io_executor& executor,
                                     net::pool_options options) {
  try {
    return std::make_shared<net::pool>(executor, std::move(options));
  } catch (const net::option_error& e) {
    throw invalid_argument("client_options." + e.field(), e.reason());
  }
}

}  // namespace

protocol::call_rules client_handle::rules(std::chrono::steady_clock::time_point deadline) const {
  const retry_options& options = retry();
  protocol::call_rules out;
  out.deadline = deadline;
  out.max_attempts = options.max_attempts;
  out.initial_backoff = options.initial_backoff;
  out.max_backoff = options.max_backoff;
  out.max_retry_after = options.max_retry_after;
  out.gate_limit = protocol::rate_gate::longest;
  out.look_distance = options.look_distance;
  return out;
}

client_state::client_state(boost::asio::any_io_executor executor, client_options options)
    : client_state(std::move(executor), checked(std::move(options)), net::connect_function()) {}

client_state::client_state(boost::asio::any_io_executor executor, checked_client_options options,
                           net::connect_function connect)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      key_(options_.api_key, options_.api_key_supplier, options_.key_variable),
      retry_budget_(options_.retry_budget),
      admission_(std::make_shared<session::admission>(net::below_strand(this->executor()),
                                                      limits_of(options_.rate))),
      look_line_(std::make_shared<session::admission>(net::below_strand(this->executor()),
                                                      at_a_time(protocol::batch_ending::most_looks))),
      status_line_(std::make_shared<session::admission>(net::below_strand(this->executor()),
                                                        at_a_time(most_status_looks))) {
  const auto url = protocol::parse_server_url(options_.server_url, options_.allow_insecure_http,
                                              "client_options.server_url");
  defaults_ = defaults_of(options_, url);
  net::pool_options pool = pool_options_of(options_, url);
  pool.connect = std::move(connect);
  pool_ = make_pool(this->executor(), std::move(pool));
}

client_state_ptr client_state::over(boost::asio::any_io_executor executor, client_options options,
                                    net::connect_function connect) {
  return client_state_ptr(
      new client_state(std::move(executor), checked(std::move(options)), std::move(connect)));
}

void client_state::refuse_child() {
  throw invalid_argument("client", "was made before fork(), in the parent: make one in this process");
}

double client_state::random01() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_engine()); }

std::string client_state::new_execution_id() {
  std::array<std::uint8_t, 10> random;
  if (::getentropy(random.data(), random.size()) != 0)
    throw boost::system::system_error(boost::system::error_code(errno, boost::system::system_category()),
                                      "getentropy");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return protocol::make_uuid_v7(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()), random);
}

}  // namespace mistral::workflows::session
