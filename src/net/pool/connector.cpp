#include "net/pool/connector.hpp"

#include "net/channel/plain_channel.hpp"
#include "net/connect/lookup.hpp"
#include "net/pool/connect_attempt.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>
#include <utility>

namespace mistral::workflows::net {

connector::connector(asio::any_io_executor executor, const pool_options& options)
    : executor_(std::move(executor)),
      server_(options.server),
      proxy_(options.proxy),
      limit_(options.connect_limit),
      attempt_delay_(options.attempt_delay),
      header_limit_(options.header_limit) {
  resolve_function resolve = options.resolve;
  if (!resolve) {
    asio::execution_context* const context = &context_of(executor_.get());
    resolve = [context](std::string host, resolve_done done) {
      look_up(*context, std::move(host), std::move(done));
    };
  }
  names_ = std::make_shared<name_cache>(proxy_.host.empty() ? server_.host : proxy_.host, std::move(resolve),
                                        options.now);
  if (server_.tls) tls_.emplace(server_.host, options.tls);
}

void connector::abort() noexcept {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  for (const connect_attempt* const one : under_way_) one->abort();
}

asio::awaitable<name_cache::addresses> connector::resolve(std::shared_ptr<connector> self, time_point until,
                                                          phase_listener enter) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  connect_attempt steps(self, until, std::move(enter), executor);
  name_cache::addresses found = co_await steps.resolve();
  co_return found;
}

asio::awaitable<std::unique_ptr<channel>> connector::connect(std::shared_ptr<connector> self,
                                                             name_cache::addresses addresses,
                                                             time_point until, phase_listener enter) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  connect_attempt steps(self, until, std::move(enter), executor);
  tcp_socket socket = co_await steps.connect(std::move(addresses));
  if (!self->proxy_.host.empty()) socket = co_await steps.tunnel(std::move(socket));
  if (!self->tls_) co_return std::make_unique<plain_channel>(std::move(socket));
  co_return co_await steps.secure(std::move(socket));
}

}  // namespace mistral::workflows::net
