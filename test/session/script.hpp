// A server in memory that does what a test wrote down, request by request.
// Not HTTP in general: it finds where a request ends, and answers with the bytes it was given.
#pragma once

#include "net/channel/memory_channel.hpp"
#include "net/channel/stream.hpp"
#include "session/client/client_state.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

namespace asio = boost::asio;
namespace wf = mistral::workflows;

class script {
 public:
  explicit script(asio::io_context& io) : io_(io) {}

  /// The next request is answered like this; the connection stays
  /// open. `then` is called when the request has been read.
  script& answer(int status, std::string body = "{}", std::string headers = std::string(),
                 std::function<void()> then = {});
  /// Nothing is there, proven: 404 with the API's code.
  script& absent(const std::string& code = "WF_1100");
  /// The last step's answer is so long under way.
  script& late(std::chrono::milliseconds time);
  /// These bytes, and then the connection ends without a word.
  script& bytes(std::string text);
  /// The request is read, and the connection ends without a byte of answer.
  script& cut();
  /// The request is read and never answered. `then` is called when it has been read.
  script& stall(std::function<void()> then = {});
  /// The next attempt to connect fails.
  script& refuse();

  wf::net::connect_function connector();

  /// A client of this server with short back-off, if it is not set, and the key "secret-key".
  std::shared_ptr<const wf::session::client_handle> client(wf::client_options options = wf::client_options());

  /// What a request is answered with that the script does not know.
  struct said {
    said(std::string text)
        : bytes(std::move(text)) {}  // NOLINT(google-explicit-constructor): most say nothing else
    said(std::string text, std::chrono::microseconds after, bool ends)
        : bytes(std::move(text)), delay(after), cut(ends) {}

    std::string bytes;
    std::chrono::microseconds delay = std::chrono::milliseconds(1);
    bool cut = false;  ///< the connection ends behind them
  };
  std::function<said(const std::string& request)> otherwise;

  /// Takes back what has not been asked for.
  void forget_rest() { steps_.clear(); }

  std::vector<std::string> requests;  ///< all bytes of each, in the order they came
  int connections = 0;
  int looks = 0;       ///< GETs that have been read and not answered
  int most_looks = 0;  ///< at any time

  /// "GET /v1/workflows/executions/e1"
  std::string line(std::size_t request) const;

 private:
  struct step {
    std::string bytes;
    int status = 0;  // with headers and body, in place of bytes
    std::string headers;
    std::string body;
    enum class after { keep, cut, stall } then = after::keep;
    std::function<void()> told;
    std::chrono::microseconds delay{0};
  };

  asio::io_context& io_;
  std::deque<step> steps_;
  std::deque<bool> refusals_;  // one for each connection

  step next_step();
  static std::string answer_of(const step& now, const std::string& request);
  asio::awaitable<void> serve(std::unique_ptr<wf::net::memory_channel> end);
};

/// What most tests of calls begin with.
struct with_script {
  asio::io_context io;
  script server{io};
};

std::string answer_bytes(int status, const std::string& headers, const std::string& body);

/// The execution that a request is about.
std::string id_of(const std::string& request);

/// Runs the context until `ended` is true.
void run_until(asio::io_context& io, const bool& ended);

/// Runs `body` on a strand to its end, and throws what it threw.
void run(asio::io_context& io, std::function<asio::awaitable<void>()> body);

/// Runs `body` to its end, which `stop` may bring, and returns what it threw; null: nothing.
std::exception_ptr failure_of(asio::io_context& io, asio::cancellation_signal& stop,
                              std::function<asio::awaitable<void>()> body);

/// What `body` ends with; its text must not show the key, which holds "secret".
template <class Error>
Error error_of(asio::io_context& io, std::function<asio::awaitable<void>()> body) {
  try {
    run(io, std::move(body));
  } catch (const Error& e) {
    BOOST_TEST(std::string_view(e.what()).find("secret") == std::string_view::npos);
    return e;
  }
  throw std::logic_error("no error came");
}

/// In an answer: stands for the execution id that the request names.
inline constexpr const char* asked_id = "@id@";

/// The answer of an execution's GET.
std::string execution_json(const std::string& id, const std::string& status, const std::string& start_time,
                           const std::string& run_id = "01934c6e-7a3b-7def-8abc-000000000001");

}  // namespace test
