#include "session/follow/simulation/model_host.hpp"

#include "net/common/failure.hpp"
#include "session/follow/simulation/modelled_stream.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <utility>

namespace simulation {

namespace asio = boost::asio;
namespace wf = mistral::workflows;
namespace protocol = wf::protocol;
namespace session = wf::session;

using boost::system::system_error;
using follow_model::attempt;
using follow_model::instant;
using follow_model::item;
using follow_model::never;
using follow_model::world;

namespace {

const char* type_of(protocol::terminal_kind kind) {
  static constexpr const char* types[] = {"ACTIVITY_TASK_STARTED", "WORKFLOW_EXECUTION_COMPLETED",
                                          "WORKFLOW_EXECUTION_CANCELED", "WORKFLOW_EXECUTION_FAILED",
                                          "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"};
  return types[static_cast<std::size_t>(kind)];
}

std::string attributes_of(protocol::terminal_kind kind, const std::string& next_run) {
  switch (kind) {
    case protocol::terminal_kind::completed:
      return R"({"task_id":"t","result":{"type":"json","value":1}})";
    case protocol::terminal_kind::canceled:
      return R"({"task_id":"t","reason":null})";
    case protocol::terminal_kind::failed:
      return R"({"task_id":"t","failure":{"message":"no"}})";
    case protocol::terminal_kind::continued_as_new:
      return R"({"task_id":"t","new_execution_run_id":")" + next_run +
             R"(","workflow_name":"w","input":{"type":"json","value":null}})";
    default:
      return R"({"task_id":"a1","activity_name":"fetch","input":{"type":"json","value":null}})";
  }
}

/// The number behind `name`, up to the next character that is none; 0 without one.
int number_behind(const std::string& text, const std::string& name) {
  const auto at = text.find(name);
  return at == std::string::npos || at + name.size() == text.size()
             ? 0
             : std::stoi(text.substr(at + name.size()));
}

class model_connection final : public session::stream_connection {
 public:
  model_connection(modelled_stream& follows, const asio::any_io_executor& executor, attempt came)
      : follows_(follows), timer_(executor), came_(std::move(came)) {
    head_.content_type = came_.ended == attempt::outcome::wrong_type ? "text/html" : "text/event-stream";
    head_.status = came_.ended == attempt::outcome::refused      ? 503
                   : came_.ended == attempt::outcome::gone       ? 404
                   : came_.ended == attempt::outcome::no_content ? 204
                                                                 : 200;
    if (came_.retry_after >= 0)
      head_.retry_after = std::chrono::milliseconds(came_.retry_after / follow_model::ms);
    all_came_ = complete_ = came_.ended != attempt::outcome::connected;
  }
  void begin(follow_model::model_link link) {
    link_ = link;
    hasty_ = follows_.random().chance(0.5);
  }

  const session::stream_head& head() const noexcept override {
    // Read once when it comes, and once more when it is taken.
    if (head_.status == 204 && ++heads_ == 2) follows_.no_content();
    return head_;
  }

  std::string_view next_piece() noexcept override {
    if (at_ == text_.size()) return std::string_view();
    std::size_t size = text_.size() - at_;
    if (follows_.random().chance(0.3))
      size = 1 + static_cast<std::size_t>(follows_.random().below(static_cast<std::int64_t>(size)));
    const auto piece = std::string_view(text_).substr(at_, size);
    at_ += size;
    for (; !ends_.empty() && ends_.front().first <= at_; ends_.pop_front())
      follows_.brought().push_back(ends_.front().second);
    return piece;
  }
  bool complete() const noexcept override { return complete_ && at_ == text_.size(); }
  bool flowing() const noexcept override { return false; }

  bool try_receive(bool after_pause) noexcept override {
    if (after_pause) follows_.reading_the_last();
    return (after_pause || hasty_) && take_what_is_due();
  }

  asio::awaitable<void> receive() override {
    if (take_what_is_due()) co_return;
    follows_.reading();
    const instant next = all_came_ ? never : follows_.server().upcoming(link_).at;
    if (!cut_) {
      timer_.expires_at(follows_.time_of(next));
      co_await timer_.async_wait(asio::use_awaitable);
      if (take_what_is_due() || !cut_) co_return;
    }
    if (std::exchange(failed_, true)) throw system_error(wf::net::error::closed);  // as a real one
    throw system_error(asio::error::connection_reset);
  }

 private:
  modelled_stream& follows_;
  asio::steady_timer timer_;
  attempt came_;
  session::stream_head head_;
  mutable int heads_ = 0;
  follow_model::model_link link_;
  bool hasty_ = false;     // what is there is seen without waiting
  bool all_came_ = false;  // whatever would come behind it
  bool complete_ = false;
  bool cut_ = false;
  bool failed_ = false;
  std::string text_;
  std::size_t at_ = 0;
  std::deque<std::pair<std::size_t, int>> ends_;  // where in the text an event ends, and which it is

  // False where nothing is there, or where it is cut.
  bool take_what_is_due() {
    if (all_came_) return false;
    text_.erase(0, std::exchange(at_, 0));
    ends_.clear();
    bool any = false;
    for (auto next = follows_.server().upcoming(link_); !all_came_ && next.at <= follows_.now();
         next = follows_.server().upcoming(link_)) {
      if (any && follows_.random().chance(0.2)) break;  // a short read
      take(next);
      any = !cut_ || !text_.empty();
    }
    return any;
  }

  void take(const follow_model::next_item& next) {
    const int index = follows_.server().take(link_, next);
    switch (next.what) {
      case item::event:
        add(text_of(follows_.server(), link_.execution, index, follows_.shows_as()), index);
        break;
      case item::heartbeat:
        add("data: {\"heartbeat\":true}\n\n", no_event);
        break;
      case item::done_mark:
        add("data: [DONE]\n\n", no_event);
        break;
      case item::comment:
        text_ += ": nothing new\n\n";
        break;
      case item::retry_field:
        text_ += "retry: " + std::to_string(follows_.server().ways.retry_field / follow_model::ms) + "\n\n";
        break;
      case item::error: {
        const bool same = follows_.server().ways.same_error;
        const std::string what = same ? "the same" : follows_.random().chance(0.5) ? "one" : "another";
        static constexpr const char* reasons[] = {"stream_error", "read_error", "internal_error"};
        text_ += "event: error\ndata: {\"error\":\"" + what + "\",\"reason\":\"" +
                 (same ? reasons[0] : reasons[follows_.random().below(3)]) + "\"}\n\n";
        all_came_ = true;
        break;
      }
      case item::clean_end:
        all_came_ = complete_ = true;
        break;
      case item::cut:
        all_came_ = cut_ = true;
        // Within an event, which then does not count.
        if (!text_.empty() && follows_.random().chance(0.3)) text_ += "id: 77\ndata: {\"data\":";
        break;
      case item::none:
        break;
    }
  }
  void add(const std::string& text, int event) {
    text_ += text;
    ends_.emplace_back(text_.size(), event);
  }
};

class model_host final : public session::stream_host {
 public:
  model_host(asio::io_context& io, modelled_stream& follows)
      : executor_(io.get_executor()), follows_(follows) {}

  asio::any_io_executor executor() override { return executor_; }

  asio::awaitable<std::unique_ptr<session::stream_connection>> open(protocol::request request) override {
    const std::string target = request.target();
    int after = number_behind(target, "last_event_id=");
    for (const auto& [name, value] : request.headers())
      if (name == "Last-Event-ID") after = std::stoi(value);
    const int execution = number_behind(target, "/executions/x");
    follows_.connecting(execution, after);
    const attempt came = follows_.server().connect(follows_.random(), execution, after, follows_.now());
    co_await until(came.done);
    if (came.ended == attempt::outcome::not_connected) throw system_error(asio::error::connection_refused);
    if (came.ended == attempt::outcome::refused) follows_.refusing(came.retry_after);
    auto made = std::make_unique<model_connection>(follows_, executor_, came);
    if (came.ended == attempt::outcome::connected)
      made->begin(follows_.server().accept(follows_.random(), execution, after, came.done));
    co_return std::move(made);
  }

  asio::awaitable<session::status_answer> status(std::string execution_id) override {
    const auto look =
        follows_.server().get(follows_.random(), world::execution_named(execution_id), follows_.now());
    session::status_answer out;
    out.facts = look.said;
    // Also of a GET that failed: it shows when the stream has taken the answer.
    auto state = std::make_shared<wf::execution>();
    state->execution_id = execution_id;
    state->run_id = look.said.run_id;
    state->status = wf::execution_status::running;
    out.state = state;
    using answer = protocol::status_facts::answer;
    const bool is_404 = out.facts.said == answer::missing || out.facts.said == answer::page;
    if (is_404 || out.facts.said == answer::refused) {
      wf::api_error_details details;
      details.status = is_404 ? 404 : 403;
      out.failure = std::make_exception_ptr(
          wf::api_error(std::move(details), wf::error_context("model", 1, wf::server_action::no)));
    }
    follows_.asking(look, state);
    co_await until(look.done);
    co_return out;
  }

  asio::awaitable<protocol::run_facts> execution_of(std::string run_id) override {
    const int run = world::run_named(run_id);
    follows_.asking_run(run);
    instant done = 0;
    protocol::run_facts out = follows_.server().get_run(follows_.random(), run, follows_.now(), done);
    co_await until(done);
    follows_.run_found(out);
    co_return out;
  }

  std::chrono::milliseconds look_limit() const override { return std::chrono::hours(10); }
  bool renew_key() override { return false; }
  double random01() override { return follows_.looked_at_clock(); }

 private:
  asio::any_io_executor executor_;
  modelled_stream& follows_;

  asio::awaitable<void> until(instant when) {
    asio::steady_timer takes(executor_, follows_.time_of(when));
    co_await takes.async_wait(asio::use_awaitable);
  }
};

}  // namespace

std::string text_of(const world& server, int execution, int index, identity shows_as) {
  const auto& event =
      server.executions[static_cast<std::size_t>(execution)].events[static_cast<std::size_t>(index)];
  const std::string number = std::to_string(index + 1);
  const bool numbered = event.identified && shows_as != identity::id_alone;
  const std::string id = event.identified && shows_as != identity::number_alone ? "id: " + number + "\n" : "";
  const std::string of = event.own ? world::execution_name(execution) : "a child";
  const std::string run = !event.own                    ? "a child's"
                          : server.ways.event_names_run ? world::run_name(event.run)
                                                        : "";
  const std::string next = event.names < 0 ? "" : world::run_name(event.names);
  const std::string type = type_of(event.terminal);
  return id + "event: " + type +
         "\ndata: " + R"({"stream":"events","timestamp":"2025-12-17T10:25:07.818693Z","data":{"event_id":")" +
         (numbered ? "e-" + number : "") +
         R"(","event_timestamp":1765967107818693000,"root_workflow_exec_id":"x0","parent_workflow_exec_id":null,)" +
         R"("continued_run_id":null,"first_execution_run_id":null,"schedule_id":null,"workflow_exec_id":")" +
         of + R"(","workflow_run_id":")" + run + R"(","workflow_name":"w","event_type":")" + type +
         R"(","attributes":)" + attributes_of(event.terminal, next) +
         R"(},"workflow_context":{"namespace":"n","workflow_name":"w","workflow_exec_id":")" + of +
         R"(","parent_workflow_exec_id":null,"root_workflow_exec_id":null},"metadata":{},"broker_sequence":)" +
         (numbered ? number : "0") + "}\n\n";
}

std::shared_ptr<session::stream_host> make_model_host(asio::io_context& io, modelled_stream& follows) {
  return std::make_shared<model_host>(io, follows);
}

}  // namespace simulation
