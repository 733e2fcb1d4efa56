#include <mistral/workflows/merge.hpp>

#include "session/follow/merge_core.hpp"

#include <utility>

namespace mistral::workflows {

namespace asio = boost::asio;

namespace {

using core_ptr = std::shared_ptr<session::merge_core>;

// What is known of the cause, and that it was this stream.
error described(std::size_t source, const std::string& name, std::string execution_id,
                const std::exception_ptr& cause) {
  const auto context = [&](std::string operation, int attempts, server_action acted) {
    error_context out(std::move(operation), attempts, acted);
    out.execution_id = std::move(execution_id);
    return out;
  };
  const std::string prefix =
      "stream " + std::to_string(source) + (name.empty() ? std::string() : " (" + name + ")") + ": ";
  try {
    std::rethrow_exception(cause);
  } catch (const error& e) {
    return error(e.code(), prefix + e.what(),
                 context(e.operation(), e.attempts(), e.server_may_have_acted()));
  } catch (const boost::system::system_error& e) {
    return error(e.code(), prefix + e.what(), context("merge", 0, server_action::no));
  } catch (const std::exception& e) {
    return error(make_error_code(errc::stream_failed), prefix + e.what(),
                 context("merge", 0, server_action::no));
  } catch (...) {
    return error(make_error_code(errc::stream_failed), prefix + "an error of unknown type",
                 context("merge", 0, server_action::no));
  }
}

// For whoever holds the turn.
asio::awaitable<bool> until_ready(core_ptr core) {
  using step = session::merge_core::step;
  for (;;) {
    switch (core->next_step()) {
      case step::take:
        co_return true;
      case step::give_way:
        co_await core->run(core->give_way());
        break;
      case step::wait:
        co_await core->run(core->wait_for_any());
        break;
      case step::end:
        co_return false;
    }
  }
}

asio::awaitable<bool> await_event(core_ptr core, bool alive) {
  if (!core) {
    if (alive) throw_closed_generator();
    co_return false;
  }
  const auto turn = core->enter();
  co_return co_await until_ready(std::move(core));
}

asio::awaitable<std::optional<merged_event>> pull(core_ptr core, bool alive) {
  if (!core) {
    if (alive) throw_closed_generator();
    co_return std::nullopt;
  }
  const auto turn = core->enter();
  while (co_await until_ready(core))
    if (auto taken = core->take()) co_return std::move(taken);
  co_return std::nullopt;
}

}  // namespace

merge_failure::merge_failure(std::size_t source, std::string name, std::string execution_id,
                             std::string cursor, std::exception_ptr cause)
    : error(described(source, name, std::move(execution_id), cause)),
      source_(source),
      name_(std::move(name)),
      cursor_(std::move(cursor)),
      cause_(std::move(cause)) {}
merge_failure::~merge_failure() = default;
merge_failure::merge_failure(const merge_failure&) = default;
merge_failure& merge_failure::operator=(const merge_failure&) = default;

event_merge::event_merge() noexcept = default;

event_merge::event_merge(event_merge&& other) noexcept
    : core_(std::exchange(other.core_, {})),
      next_number_(std::exchange(other.next_number_, 0)),
      alive_(std::exchange(other.alive_, false)) {}

event_merge& event_merge::operator=(event_merge&& other) noexcept {
  if (this == &other) return *this;
  close();
  core_ = std::exchange(other.core_, {});
  next_number_ = std::exchange(other.next_number_, 0);
  alive_ = std::exchange(other.alive_, false);
  return *this;
}

event_merge::~event_merge() { close(); }

std::size_t event_merge::add(event_stream stream, std::string name) {
  auto core = core_.lock();
  if (!core && alive_) throw_closed_generator();
  const std::size_t number = next_number_++;
  const auto executor = session::merge_core::executor_of(stream);
  if (!executor) return number;
  if (!core) {
    core = std::make_shared<session::merge_core>(*executor);
    pull_gate::keep(core);
    core_ = core;
    alive_ = true;
  }
  core->add(number, std::move(name), std::move(stream));
  return number;
}

bool event_merge::remove(std::size_t source) {
  const auto core = core_.lock();
  return core && core->remove(source);
}

std::size_t event_merge::size() const {
  const auto core = core_.lock();
  return core ? core->size() : 0;
}

asio::awaitable<std::optional<merged_event>> event_merge::next() { return pull(core_.lock(), alive_); }

asio::awaitable<bool> event_merge::wait() { return await_event(core_.lock(), alive_); }

std::optional<merged_event> event_merge::try_next() {
  const auto core = core_.lock();
  if (!core) {
    if (alive_) throw_closed_generator();
    return std::nullopt;
  }
  using step = session::merge_core::step;
  const auto turn = core->enter();
  for (auto next = core->next_step(); next == step::take || next == step::give_way; next = core->next_step())
    if (auto taken = core->take()) return taken;
  return std::nullopt;
}

void event_merge::close() noexcept {
  if (const auto core = core_.lock()) {
    core->close();
    pull_gate::forget(core);
  }
  core_.reset();
}

event_merge merge(std::vector<event_stream> streams) {
  event_merge made;
  for (auto& stream : streams) made.add(std::move(stream));
  return made;
}

}  // namespace mistral::workflows
