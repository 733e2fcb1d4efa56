// A request as the operations see it and an answer as they give it.
// Not bytes: connection.hpp reads and writes those.
#pragma once

#include <mistral/workflows/testing/fault.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mistral::workflows::testing {

struct request {
  request() = default;

  seen_request seen;
  std::vector<std::string> parameters;  ///< of the path, decoded
  unsigned version = 11;                ///< 10: HTTP/1.0
  bool keep_alive = true;

  /// The last header of this name (lower case), if any.
  const std::string* header(std::string_view name) const;
};

/// What a stream answer is fed from; used on the server's thread only.
class item_source {
 public:
  virtual ~item_source() = default;

  struct item {
    item() = default;
    std::string id;     ///< empty: no `id` line
    std::string event;  ///< empty: no `event` line
    std::string data;   ///< without line breaks
  };
  /// The next event, if there is one now.
  virtual std::optional<item> next() = 0;
  /// Whether no event will follow, once `next` has given none.
  virtual bool ended() = 0;
  /// Calls `wake` once, later, when `next` or `ended` may
  /// say something new. Nothing is called after destruction.
  virtual void await_news(std::function<void()> wake) = 0;
};

/// An execution whose end an answer is to wait for.
struct awaited_end {
  awaited_end() = default;

  std::string workflow_name;
  std::string execution_id;
  std::optional<std::chrono::nanoseconds> limit;
};

struct answer {
  answer() = default;

  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::unique_ptr<item_source> stream;  ///< instead of the body
  std::optional<awaited_end> wait;      ///< the body is made when it is over

  bool has_body() const noexcept { return status != 204; }
};

/// 204
answer no_content();
answer json_answer(int status, const boost::json::value& body);
/// `{"detail": ..., "code": ...}` and what `extras` adds; no code where it is empty.
answer error_answer(int status, std::string_view code, std::string_view detail,
                    const boost::json::object& extras = boost::json::object());

/// One item of a 422 answer's `detail`.
struct problem {
  problem(boost::json::array at, std::string text, std::string kind)
      : location(std::move(at)), message(std::move(text)), type(std::move(kind)) {}
  boost::json::array location;  ///< for example ["query", "page_size"]
  std::string message;
  std::string type;
};
answer validation_answer(const std::vector<problem>& problems);

/// What an operation throws when parameters or body do not fit.
struct bad_request : std::exception {
  explicit bad_request(std::vector<problem> found) : problems(std::move(found)) {}
  std::vector<problem> problems;
};

std::string_view reason_phrase(int status);

}  // namespace mistral::workflows::testing
