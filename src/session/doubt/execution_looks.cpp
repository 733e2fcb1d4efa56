#include "session/doubt/execution_looks.hpp"

#include "net/common/asio_compat.hpp"
#include "protocol/json/decode.hpp"
#include "session/call/call_initiation.hpp"
#include "session/doubt/start.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <tuple>
#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

namespace {

class look_reader final : public answer_reader, public request_watcher {
 public:
  look_reader(const std::string& id, look_end& out) : id_(id), out_(out) {}

  std::string_view read(call_answer& answer, const call_control&) override {
    out_.shown = see_execution(answer, id_, out_.state);
    if (out_.shown) return out_.state.execution_id;
    // Another one is named all the same: its connection is closed.
    execution another;
    if (protocol::decode(std::string_view(answer.body), another)) return std::string_view();
    named_ = std::move(another.execution_id);
    return named_;
  }
  void leaves() override {}
  void ended(const attempt_result& result) override { out_.end = result.end; }

 private:
  const std::string& id_;
  look_end& out_;
  std::string named_;
};

}  // namespace

execution_looks::execution_looks(client_handle by, begun_operation part_of)
    : handle_(std::move(by)),
      part_of_(std::move(part_of)),
      executor_(asio::make_strand(handle_.state->executor())) {}

void execution_looks::begin(std::size_t id, std::string execution_id) {
  asio::post(executor_, [self = shared_from_this(), id, execution_id = std::move(execution_id)]() mutable {
    if (!self->stopped_) self->start(id, std::move(execution_id));
  });
}

// Begun on its executor, and so at once: a cancellation never comes before the beginning.
void execution_looks::start(std::size_t id, std::string execution_id) {
  const place here = looks_.emplace(looks_.end());
  auto ended = [self = shared_from_this(), here](std::exception_ptr failure, look_end came) {
    self->looks_.erase(here);
    if (failure) return;
    const std::lock_guard lock(self->mutex_);
    self->ended_.push_back(std::move(came));
    self->news_->open();
  };
  asio::co_spawn(executor_, run(shared_from_this(), id, std::move(execution_id)),
                 asio::bind_cancellation_slot(here->stop.slot(), std::move(ended)));
}

asio::awaitable<look_end> execution_looks::run(std::shared_ptr<execution_looks> self, std::size_t id,
                                               std::string execution_id) {
  look_end out;
  out.id = id;
  admission::turn_or_refusal entered = co_await admission::enter(
      self->handle_.state->look_line(), protocol::waiting_line::usual, clock::time_point::max());
  try {
    co_await self->ask(&execution_id, &out);
  } catch (const std::exception&) {
    // `out` says how it ended.
  }
  entered.held.done(true);
  co_return out;
}

asio::awaitable<void> execution_looks::ask(const std::string* execution_id, look_end* out) {
  call_setup setup(handle_, look_at_execution(*execution_id));
  setup.part_of = part_of_;
  look_reader reader(*execution_id, *out);
  setup.watcher = &reader;
  co_await call(setup, reader);
}

asio::awaitable<void> execution_looks::news(std::shared_ptr<execution_looks> self, clock::time_point until) {
  std::shared_ptr<net::gate> gate;
  {
    const std::lock_guard lock(self->mutex_);
    gate = self->news_;
  }
  asio::steady_timer timer(self->executor_, until);
  timer.async_wait([gate](const boost::system::error_code& cancelled) {
    if (!cancelled) gate->open();
  });
  const std::tuple<boost::system::error_code> came = co_await gate->async_wait(net::no_throw);
  const std::lock_guard lock(self->mutex_);
  self->news_ = std::make_shared<net::gate>();
  if (!self->ended_.empty()) self->news_->open();
  if (std::get<0>(came)) throw boost::system::system_error(std::get<0>(came));
}

void execution_looks::client_closed() {
  const std::lock_guard lock(mutex_);
  news_->open(asio::error::operation_aborted);
}

std::vector<look_end> execution_looks::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ended_, {});
}

void execution_looks::stop() {
  handle_.state->live().end_call(*this);
  asio::dispatch(executor_, [self = shared_from_this()] {
    self->stopped_ = true;
    for (look& one : self->looks_) one.stop.emit(asio::cancellation_type::terminal);
  });
}

}  // namespace mistral::workflows::session
