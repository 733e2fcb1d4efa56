// The errors of calls in doubt that found what is not provably what they meant: a schedule, or a run to end.
// Not that of a start (start_outcome.hpp), and not the operations.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/schedule.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <memory>
#include <optional>

namespace mistral::workflows {

/// A schedule was found under the id of this call, and it is not what this call sent; or the server answered
/// for another id than the one it was sent: found() then has that id and nothing else. `code()` is
/// errc::start_unknown.
class MISTRAL_WORKFLOWS_EXPORT schedule_unknown_error : public error {
 public:
  /// Made by the library.
  schedule_unknown_error(schedule found, error_context context);
  ~schedule_unknown_error() override;
  schedule_unknown_error(const schedule_unknown_error&);
  schedule_unknown_error& operator=(const schedule_unknown_error&);

  /// The schedule that was found.
  const schedule& found() const noexcept { return *found_; }

 private:
  std::shared_ptr<const schedule> found_;
};

/// When the request of a call that is in doubt left, by the server's clock: not before `begin`, and before
/// `end`.
struct ending_window {
  ending_window() = default;
  /// From, inclusive, and to, exclusive.
  ending_window(timestamp from, timestamp to) : begin(from), end(to) {}

  timestamp begin{};  ///< inclusive
  timestamp end{};    ///< exclusive
};

/// An answer to cancel or terminate was lost, and the run that is the latest now is not provably the one that
/// was meant: it began in the second in which the request left, or within a second of that (clocks of one
/// server may differ), or in place of the run that was named. It is not touched; the run that was meant may
/// have been ended. `code()` is errc::ending_unknown.
class MISTRAL_WORKFLOWS_EXPORT ending_unknown_error : public error {
 public:
  /// Made by the library.
  ending_unknown_error(workflows::execution found, std::optional<ending_window> sent, error_context context);
  ~ending_unknown_error() override;
  ending_unknown_error(const ending_unknown_error&);
  ending_unknown_error& operator=(const ending_unknown_error&);

  /// With `run_id` and `start_time` of the run that was found.
  const workflows::execution& found() const noexcept { return *found_; }
  /// When the request left, by the clock of `Date` alone; none where the server tells no time.
  const std::optional<ending_window>& sent() const noexcept { return sent_; }

 private:
  std::shared_ptr<const workflows::execution> found_;
  std::optional<ending_window> sent_;
};

}  // namespace mistral::workflows
