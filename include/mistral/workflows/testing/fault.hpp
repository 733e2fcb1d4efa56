// Instructions for the local server to misbehave: what goes wrong, for which requests, how often.
// Not for the workflows it runs: those fail by throwing.
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows::testing {

/// How a connection ends when a fault closes it.
enum class ending {
  /// What was begun is ended as HTTP wants it (last chunk where chunked), then close_notify and FIN.
  clean,
  eof,              ///< close_notify and FIN where it stands: a chunked body lacks its last chunk
  truncated_chunk,  ///< as `eof`, and the chunk under way promises more bytes than came
  no_close_notify,  ///< FIN where it stands, TLS is not told
  reset,            ///< RST where it stands
};

/// A request as a fault's own condition sees it.
struct seen_request {
  seen_request() = default;

  std::string operation;     ///< "executions.get"; empty where no route matched
  std::string method;        ///< "GET", ...
  std::string path;          ///< as sent, percent-encoded, without the query
  std::string query;         ///< as sent, without '?'
  std::string execution_id;  ///< decoded; empty where the path (or the body of an execute) has none
  std::string body;          ///< as sent; may be empty
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
};

/// One fault: which requests it strikes and what happens to them. Members can be combined, for example
/// `fault().on("executions.get").times(2).answer(503).retry_after(std::chrono::seconds(1))`.
///
/// Faults are tried in the order in which they were added; the first that matches and is not used up strikes,
/// and no other. Without `times` a fault strikes once.
class MISTRAL_WORKFLOWS_EXPORT fault {
 public:
  fault();
  ~fault();
  fault(const fault&);
  fault& operator=(const fault&);

  // --- which requests; all conditions must hold

  /// Operation by its name, "executions.get"; see `local_server` for all names.
  fault& on(std::string operation);
  /// The HTTP method, "GET" for example.
  fault& method(std::string method);
  /// The path as sent (percent-encoded, without the query), whole.
  fault& path(std::string path);
  /// The execution that path or body name.
  fault& execution(std::string execution_id);
  /// A condition of the test's own; called on the server's thread, must not call the server.
  fault& when(std::function<bool(const seen_request&)> condition);
  /// Strikes so many times; 0: always.
  fault& times(int count);
  /// Lets the first `count` matching requests pass.
  fault& after(int count);
  /// Strikes a matching request with probability `chance` (0 to 1), drawn from a generator seeded with
  /// `seed`.
  fault& chance(double chance, std::uint64_t seed);

  // --- before the request is carried out

  /// Waits before anything else is done; on the real clock, never the server's manual one.
  fault& delay(std::chrono::milliseconds time);
  /// Holds the request until `fault_handle::release`, before anything is done.
  fault& hold();
  /// Closes the connection; nothing is done.
  fault& close_before_processing(ending how = ending::reset);
  /// Answers so and does nothing. The body is an API error body; the code, where given, one of WF_....
  fault& answer(int status, std::string code = std::string(), std::string detail = std::string());
  /// `Retry-After` in seconds, for `answer`.
  fault& retry_after(std::chrono::seconds time);
  /// `Retry-After` as an HTTP date so far from now (whole seconds), for `answer`.
  fault& retry_after_date(std::chrono::seconds from_now);
  /// Answers with this body and does nothing.
  fault& answer_text(int status, std::string content_type, std::string body);
  /// Answers with a proxy's HTML error page and does nothing.
  fault& html_page(int status = 502);
  /// Answers with a redirect and does nothing.
  fault& redirect(std::string location, int status = 307);

  // --- after the request was carried out

  /// Holds the answer until `fault_handle::release`.
  fault& hold_answer();
  /// Waits before the answer is sent; on the real clock.
  fault& delay_answer(std::chrono::milliseconds time);
  /// Closes the connection without a byte of answer.
  fault& close_after_processing(ending how = ending::reset);
  /// Closes after so many bytes of the answer, its head counted.
  fault& cut_answer(std::size_t bytes, ending how = ending::eof);
  /// Closes after so many bytes of the answer's body.
  fault& cut_body(std::size_t bytes, ending how = ending::eof);
  /// Sends so many bytes of the answer (head counted), then nothing until the client goes away or
  /// `fault_handle::release`, after which the rest follows.
  fault& stall(std::size_t bytes);
  /// Another Content-Type than the answer's own.
  fault& content_type(std::string value);
  /// States a Content-Length that is off by so much from the truth.
  fault& content_length_off_by(std::ptrdiff_t bytes);
  /// Says `Connection: close` and does so.
  fault& connection_close();
  /// Keeps promising to keep the connection alive, but closes it after the answer.
  fault& close_after_answer(ending how = ending::clean);
  /// One more header line.
  fault& header(std::string name, std::string value);
  /// So many `103 Early Hints` before the answer.
  fault& early_hints(int count);

  // --- event streams

  /// Closes after so many events of this connection.
  fault& cut_stream_after(int events, ending how = ending::eof);
  /// Closes after so many bytes of the stream's text (chunk framing not counted).
  fault& cut_stream_at(std::size_t bytes, ending how = ending::eof);
  /// Sends so many events and then nothing, not even a comment; `fault_handle::release` lets it go on.
  fault& stall_stream_after(int events);
  /// Sends so many events, then nothing for that long, not even a comment, and goes on.
  fault& pause_stream_after(int events, std::chrono::milliseconds time);
  /// Sends comments only; `fault_handle::release` lets the events follow.
  fault& comments_only(std::chrono::milliseconds interval = std::chrono::milliseconds(20));
  /// Sends an `error` event after so many events, and ends the stream.
  fault& stream_error(std::string error, std::string reason, int after_events = 0);
  /// Starts the stream with a `retry:` line.
  fault& stream_retry(std::chrono::milliseconds time);
  /// Sends this text as it is, after so many events.
  fault& stream_text(std::string text, int after_events = 0);

  struct plan;
  /// For the server: what it is to do.
  const plan& get() const noexcept { return *plan_; }

 private:
  std::unique_ptr<plan> plan_;
};

/// What became of a fault that was added; a cheap handle, all members may be called from any thread.
class MISTRAL_WORKFLOWS_EXPORT fault_handle {
 public:
  struct state;
  /// Made by the library.
  explicit fault_handle(std::shared_ptr<state> shared);
  ~fault_handle();
  fault_handle(const fault_handle&);
  fault_handle& operator=(const fault_handle&);

  /// How many requests it struck.
  int struck() const;
  /// Blocks until it struck so often; false if that took longer.
  bool wait_struck(int count = 1, std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  /// Lets go what it holds or stalls, now and from now on.
  void release();
  /// It strikes no more. What it holds stays held until `release`.
  void remove();

 private:
  std::shared_ptr<state> state_;
};

/// The faults of one server; all members may be called from any thread.
class MISTRAL_WORKFLOWS_EXPORT fault_list {
 public:
  struct state;
  /// Made by the library.
  explicit fault_list(std::shared_ptr<state> shared);
  ~fault_list();
  fault_list(const fault_list&) = delete;
  fault_list& operator=(const fault_list&) = delete;

  /// Adds a fault behind those that are there.
  fault_handle add(fault instruction);
  /// Removes and releases all.
  void clear();

 private:
  std::shared_ptr<state> state_;
};

}  // namespace mistral::workflows::testing
