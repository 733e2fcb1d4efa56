#include "net/pool/pool.hpp"

#include "net/pool/pool_core.hpp"

#include <utility>

namespace mistral::workflows::net {

lease::lease() noexcept = default;

lease::lease(std::shared_ptr<pool_core> core, connection* taken, int id) noexcept
    : core_(std::move(core)), connection_(taken), id_(id) {}

lease::lease(lease&& other) noexcept
    : core_(std::move(other.core_)), connection_(std::exchange(other.connection_, nullptr)), id_(other.id_) {}

lease& lease::operator=(lease&& other) noexcept {
  lease ended(std::move(*this));
  core_ = std::move(other.core_);
  connection_ = std::exchange(other.connection_, nullptr);
  id_ = other.id_;
  return *this;
}

lease::~lease() {
  if (connection_) core_->give_back(*connection_, id_);
}

void lease::close() noexcept {
  if (connection_) connection_->close();
  lease ended(std::move(*this));
}

asio::awaitable<void> lease::send(std::string_view bytes) {
  connection_->begin_send(bytes);
  while (const auto wanted = connection_->send_step())
    co_await connection_->bytes().async_wait(*wanted, plain);
}

asio::awaitable<const response_head*> lease::read_head() {
  while (const auto wanted = connection_->head_step())
    co_await connection_->bytes().async_wait(*wanted, plain);
  co_return &connection_->head();
}

asio::awaitable<std::size_t> lease::read_some(std::string& append_to) {
  const std::size_t before = append_to.size();
  while (const auto wanted = connection_->body_step(append_to))
    co_await connection_->bytes().async_wait(*wanted, plain);
  co_return append_to.size() - before;
}

std::string_view lease::next_piece() noexcept { return connection_->next_piece(); }

asio::awaitable<void> lease::receive() {
  while (const auto wanted = connection_->receive_step())
    co_await connection_->bytes().async_wait(*wanted, plain);
}

bool lease::try_receive(bool after_pause) noexcept { return connection_->try_receive(after_pause); }
bool lease::flowing() const noexcept { return connection_->flowing(); }

asio::awaitable<void> lease::read_body(std::string& append_to) {
  do {
    while (const auto wanted = connection_->body_step(append_to))
      co_await connection_->bytes().async_wait(*wanted, plain);
  } while (!connection_->complete());
}

void lease::begin_send(std::string_view bytes) { connection_->begin_send(bytes); }
std::optional<readiness> lease::send_step() { return connection_->send_step(); }
std::optional<readiness> lease::head_step() { return connection_->head_step(); }
std::optional<readiness> lease::body_step(std::string& append_to) {
  return connection_->body_step(append_to);
}
channel& lease::bytes() { return connection_->bytes(); }

void lease::body_limit(std::optional<std::uint64_t> bytes) noexcept { connection_->body_limit(bytes); }
const response_head& lease::head() const noexcept { return connection_->head(); }
bool lease::complete() const noexcept { return connection_->complete(); }
bool lease::alive() const noexcept { return connection_->alive(); }
bool lease::reusable() const noexcept { return connection_->reusable(); }

pool::pool(asio::any_io_executor executor, pool_options options)
    : core_(pool_core::create(std::move(executor), std::move(options))) {}
pool::~pool() { close(); }

asio::awaitable<lease> pool::acquire(kind use, progress& record) {
  return pool_core::acquire(core_, use, &record);
}
lease pool::try_acquire(kind use, progress& record) { return core_->try_acquire(use, record); }
void pool::close() noexcept { core_->close(); }
void pool::abort() noexcept { core_->abort(); }
void pool::trim() noexcept { core_->trim(); }
pool_stats pool::stats() const { return core_->stats(); }

}  // namespace mistral::workflows::net
