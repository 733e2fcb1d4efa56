// The inside of faults: what a fault holds, and which one strikes a request.
// Not how it is done: that is the connection's and the stream's part.
#pragma once

#include <mistral/workflows/testing/fault.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <mutex>
#include <random>

namespace mistral::workflows::testing {

class watch;

/// Where and how something is cut off.
template <class Count>
struct cut_point {
  cut_point(Count at_count, ending ends_how) : at(at_count), how(ends_how) {}
  Count at;
  ending how;
};

struct fault::plan {
  plan() = default;

  // Which requests.
  std::string operation;
  std::string method;
  std::string path;
  std::string execution_id;
  std::function<bool(const seen_request&)> condition;
  int times = 1;
  int after = 0;
  double chance = 1.0;
  std::uint64_t seed = 0;

  // Before the request is carried out.
  std::chrono::milliseconds delay{0};
  bool hold = false;
  std::optional<ending> close_before;
  std::optional<int> status;
  std::string code;
  std::string detail;
  std::optional<std::string> body;  ///< instead of an API error body
  std::string body_type;
  std::optional<std::chrono::seconds> retry_after;
  std::optional<std::chrono::seconds> retry_after_date;

  // After it was carried out.
  std::chrono::milliseconds delay_answer{0};
  bool hold_answer = false;
  std::optional<ending> close_after;  ///< without a byte of answer
  std::optional<cut_point<std::size_t>> cut_answer;
  std::optional<cut_point<std::size_t>> cut_body;
  std::optional<std::size_t> stall;
  std::string content_type;
  std::ptrdiff_t content_length_off_by = 0;
  bool connection_close = false;
  std::optional<ending> close_after_answer;
  std::vector<std::pair<std::string, std::string>> headers;
  int early_hints = 0;

  // Streams.
  std::optional<cut_point<int>> cut_events;
  std::optional<cut_point<std::size_t>> cut_text;
  std::optional<int> stall_events;
  std::optional<int> pause_events;
  std::chrono::milliseconds pause{0};
  std::optional<std::chrono::milliseconds> comments_every;
  std::optional<int> error_after;
  std::string error;
  std::string reason;
  std::optional<std::chrono::milliseconds> retry;
  std::optional<int> text_after;
  std::string text;

  bool matches(const seen_request& request) const;
};

struct fault_handle::state {
  state(fault instruction, std::shared_ptr<fault_list::state> owner);

  const fault::plan& plan() const noexcept { return instruction_.get(); }
  bool released() const noexcept { return released_.load(); }
  int struck() const noexcept { return struck_.load(); }

  /// Whether it strikes this request, which it counts. Under the list's mutex.
  bool strikes(const seen_request& request);
  void release();
  void remove() noexcept { removed_ = true; }
  fault_list::state& owner() noexcept { return *owner_; }

 private:
  fault instruction_;
  std::shared_ptr<fault_list::state> owner_;
  std::mt19937_64 random_;
  int matched_ = 0;
  std::atomic<int> struck_{0};
  std::atomic<bool> released_{false};
  std::atomic<bool> removed_{false};
};

/// Shared by the list, its handles and the server's connections.
struct fault_list::state {
  explicit state(std::shared_ptr<watch> counts) : seen(std::move(counts)) {}

  /// The fault that strikes this request, if any.
  std::shared_ptr<fault_handle::state> strike(const seen_request& request);

  std::shared_ptr<watch> seen;
  std::mutex mutex;
  std::function<void()> on_release;  ///< wakes what is held; called from any thread, under the mutex
  std::vector<std::shared_ptr<fault_handle::state>> entries;
};

}  // namespace mistral::workflows::testing
