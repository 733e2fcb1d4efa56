// One piece of work of a batch, and where a batch takes its jobs from: a range, a generator or a callback.
// Not what becomes of a job (outcome.hpp), and no reader of files: that is the caller's.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/export.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mistral::workflows {

/// What is to be executed once. The key tells it from all others of the batch, in this run of the program and
/// in later ones.
class MISTRAL_WORKFLOWS_EXPORT bulk_job {
 public:
  bulk_job();
  /// `key`: 1 to 1,000 bytes of UTF-8. `input`: any JSON, about 2 MB at most.
  explicit bulk_job(std::string key, boost::json::value input = boost::json::value());
  bulk_job(const bulk_job&);
  bulk_job(bulk_job&&) noexcept;
  bulk_job& operator=(const bulk_job&);
  bulk_job& operator=(bulk_job&&) noexcept;
  ~bulk_job();

  std::string key;           ///< not empty, 1,000 bytes at most (`bulk_longest_key`), UTF-8
  boost::json::value input;  ///< of the execution
  /// As `bulk_options::deadline`, which it takes the place of; unset: that one. 0 or less: the job is overdue
  /// when its start has been answered. More than 100 years count as so many.
  std::optional<std::chrono::milliseconds> deadline;
};

/// The JSON of a text, for inputs out of a file: numbers are correctly rounded, as answers of the service are
/// read (Boost.JSON 1.81's own `parse` misses some by their last bit), and up to 256 levels nest.
/// `read`: where not null, how many bytes of the text were understood.
/// Errors: `failure`, and null is returned: an error of Boost.JSON; its `not_exact` of an integer beyond 64
///         bits and of a number beyond every double
MISTRAL_WORKFLOWS_EXPORT boost::json::value bulk_input_from_json(std::string_view text,
                                                                 boost::system::error_code& failure,
                                                                 std::size_t* read = nullptr);

/// Jobs, asked for one after the other, a few ahead of those that can be started. Cheap to copy; copies share
/// one place.
///
/// Functions are called on the strand of the batch, and one that blocks holds up the whole batch. What one
/// throws ends the taking of jobs: no other is started, and `next()` of the batch throws it after the last
/// outcome.
class MISTRAL_WORKFLOWS_EXPORT bulk_source {
 public:
  /// Makes the next job, or none at the end; is not called again after that.
  using pull_function = std::function<boost::asio::awaitable<std::optional<bulk_job>>()>;

  /// No jobs.
  bulk_source();
  bulk_source(const bulk_source&);
  bulk_source(bulk_source&&) noexcept;
  bulk_source& operator=(const bulk_source&);
  bulk_source& operator=(bulk_source&&) noexcept;
  ~bulk_source();

  /// The jobs of a generator, which is taken over.
  bulk_source(async_generator<bulk_job> jobs);

  /// The jobs of a range, which is taken over or copied. The number of them is known where the range knows
  /// it.
  template <std::ranges::input_range Range>
    requires(std::convertible_to<std::ranges::range_reference_t<Range>, bulk_job> &&
             !std::same_as<std::remove_cvref_t<Range>, bulk_source>)
  bulk_source(Range&& jobs) {
    using kept = std::remove_cvref_t<Range>;
    auto range = std::make_shared<kept>(std::forward<Range>(jobs));
    if constexpr (std::ranges::sized_range<kept>)
      expect(static_cast<std::uint64_t>(std::ranges::size(*range)));
    auto at = std::make_shared<std::ranges::iterator_t<kept>>(std::ranges::begin(*range));
    take([range, at]() -> std::optional<bulk_job> {
      if (*at == std::ranges::end(*range)) return std::nullopt;
      std::optional<bulk_job> job(static_cast<bulk_job>(std::move(**at)));
      ++*at;
      return job;
    });
  }

  /// The jobs that a function returns, until it returns none.
  template <class Function>
    requires std::same_as<std::invoke_result_t<Function&>, std::optional<bulk_job>>
  bulk_source(Function function) {
    auto kept = std::make_shared<Function>(std::move(function));
    take([kept] { return (*kept)(); });
  }

  /// The same of a function that returns an awaitable. It is cancelled (terminal) when the batch is left.
  template <class Function>
    requires std::same_as<std::invoke_result_t<Function&>, boost::asio::awaitable<std::optional<bulk_job>>>
  bulk_source(Function function) {
    auto kept = std::make_shared<Function>(std::move(function));
    pull_ = [kept] { return (*kept)(); };
  }

  /// How many jobs there will be, for progress alone: more or fewer do no harm.
  bulk_source& expect(std::uint64_t jobs);
  /// What was said with `expect`, or is the size of a range; unset: nobody knows.
  std::optional<std::uint64_t> expected() const noexcept { return expected_; }

  /// The next job; none at the end. What follows is up to the function or generator: a batch asks no more.
  /// Requires: one call at a time
  /// Errors:   what the function or generator throws
  boost::asio::awaitable<std::optional<bulk_job>> next();

 private:
  void take(std::function<std::optional<bulk_job>()> function);

  pull_function pull_;
  std::optional<std::uint64_t> expected_;
};

}  // namespace mistral::workflows
