#include "journal/sqlite/sqlite_journal.hpp"

#include <mistral/workflows/journal/sqlite.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace mistral::workflows {
namespace journal_sqlite {

namespace asio = boost::asio;
using bulk_core::journal_failure;

namespace {

[[noreturn]] void raise(const journal_failure& failure, const char* operation) {
  throw journal_error(failure.problem, failure.reason, operation);
}

void submit(writer& to, std::shared_ptr<request> one, const char* operation) {
  try {
    to.submit(std::move(one));
  } catch (const journal_failure& failure) {
    raise(failure, operation);
  }
}

/// A wait whose request could not be handed over ends with that failure.
struct hand_over {
  hand_over(std::shared_ptr<writer> writer_of, std::shared_ptr<request> request_to)
      : to(std::move(writer_of)), one(std::move(request_to)) {}

  std::shared_ptr<writer> to;
  std::shared_ptr<request> one;

  void operator()() const {
    try {
      to->submit(one);
    } catch (const journal_failure& failure) {
      one->failure = failure;
      one->told->end();
    }
  }
};

asio::awaitable<void> ask(std::shared_ptr<writer> to, std::shared_ptr<request> one, const char* operation) {
  hand_over asking(std::move(to), one);
  co_await one->told->async_wait(std::move(asking), asio::use_awaitable);
  if (one->failure) raise(*one->failure, operation);
}

template <typename Value>
asio::awaitable<Value> ask_for(std::shared_ptr<writer> to, std::shared_ptr<request> one,
                               std::shared_ptr<std::optional<Value>> answer, const char* operation) {
  co_await ask(std::move(to), std::move(one), operation);
  co_return std::move(**answer);
}

/// A request with an answer.
template <typename Work>
auto ask_work(const std::shared_ptr<writer>& to, request_kind kind, Work work, const char* operation) {
  using value = std::invoke_result_t<Work, store&>;
  auto answer = std::make_shared<std::optional<value>>();
  auto one = std::make_shared<request>(
      kind, [answer, work = std::move(work)](store& on) mutable { answer->emplace(work(on)); });
  return ask_for<value>(to, std::move(one), std::move(answer), operation);
}

asio::awaitable<void> leave(std::shared_ptr<writer> to, std::shared_ptr<request> one, const char* operation) {
  submit(*to, std::move(one), operation);
  co_return;
}

asio::awaitable<void> close_if_open(std::shared_ptr<writer> to, std::shared_ptr<request> one) {
  try {
    co_await ask(std::move(to), std::move(one), "bulk_journal.close");
  } catch (const journal_error& error) {
    if (error.problem() != journal_problem::closed) throw;
  }
}

}  // namespace

sqlite_journal::sqlite_journal(std::shared_ptr<writer> to) : writer_(std::move(to)) {}
sqlite_journal::~sqlite_journal() = default;

asio::awaitable<journal_state> sqlite_journal::open(journal_manifest manifest, journal_begin begin) {
  return ask_work(
      writer_, request_kind::open,
      [manifest = std::move(manifest), begin](store& on) { return on.open(manifest, begin); },
      "bulk_journal.open");
}

asio::awaitable<journal_record> sqlite_journal::claim(journal_record wanted) {
  return ask_work(
      writer_, request_kind::durable, [wanted = std::move(wanted)](store& on) { return on.claim(wanted); },
      "bulk_journal.claim");
}

asio::awaitable<void> sqlite_journal::started(std::string key, std::string run_id, timestamp at,
                                              int attempts) {
  auto one = std::make_shared<request>(
      request_kind::later, [key = std::move(key), run_id = std::move(run_id), at, attempts](store& on) {
        on.started(key, run_id, at, attempts);
      });
  return leave(writer_, std::move(one), "bulk_journal.started");
}

asio::awaitable<void> sqlite_journal::done(std::string key, std::string outcome, bool failed, timestamp at) {
  auto one = std::make_shared<request>(
      request_kind::durable, [key = std::move(key), outcome = std::move(outcome), failed, at](store& on) {
        on.done(key, outcome, failed, at);
      });
  return ask(writer_, std::move(one), "bulk_journal.done");
}

asio::awaitable<void> sqlite_journal::acknowledge(std::vector<std::string> keys) {
  auto one = std::make_shared<request>(request_kind::later,
                                       [keys = std::move(keys)](store& on) { on.acknowledge(keys); });
  return leave(writer_, std::move(one), "bulk_journal.acknowledge");
}

asio::awaitable<std::vector<journal_record>> sqlite_journal::records(std::uint64_t after_position,
                                                                     std::size_t limit,
                                                                     std::optional<journal_stage> only) {
  return ask_work(
      writer_, request_kind::durable,
      [after_position, limit, only](store& on) { return on.records(after_position, limit, only); },
      "bulk_journal.records");
}

asio::awaitable<void> sqlite_journal::finish() {
  auto one = std::make_shared<request>(request_kind::durable, [](store& on) { on.finish(); });
  return ask(writer_, std::move(one), "bulk_journal.finish");
}

asio::awaitable<void> sqlite_journal::close() {
  return close_if_open(writer_,
                       std::make_shared<request>(request_kind::close, std::function<void(store&)>()));
}

std::uint64_t sqlite_journal::commits() const noexcept { return writer_->commits(); }

}  // namespace journal_sqlite

std::shared_ptr<bulk_journal> open_sqlite_journal(std::filesystem::path file,
                                                  const sqlite_journal_options& options) {
  if (file.empty()) throw invalid_argument("file", "is empty", "open_sqlite_journal");
  if (options.most_in_commit == 0)
    throw invalid_argument("sqlite_journal_options.most_in_commit", "is 0", "open_sqlite_journal");
  if (options.busy_timeout.count() < 0 || options.busy_timeout.count() > std::numeric_limits<int>::max())
    throw invalid_argument("sqlite_journal_options.busy_timeout", "is out of range", "open_sqlite_journal");
  return std::make_shared<journal_sqlite::sqlite_journal>(
      journal_sqlite::writer::make(std::move(file), options));
}

}  // namespace mistral::workflows
