// An engine that a test drives by hand: its own io_context, a
// clock that stands still, and a state folder if asked for.
// Not a server: no HTTP, no thread.
#pragma once

#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/engine.hpp"

#include <mistral/workflows/testing/clock.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace engine_test {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wt = mistral::workflows::testing;
using namespace std::chrono_literals;

inline json::value parsed(std::string_view text) { return wt::from_text(text); }

/// A folder of its own that goes with the test.
class scratch_folder {
 public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path journal() const { return path_ / "journal"; }
  std::string read_journal() const;
  void write_journal(std::string_view bytes) const;

 private:
  std::filesystem::path path_;
};

class server {
 public:
  /// 2019-12-20, midnight in UTC.
  static constexpr wt::clock::time_point usual_start{std::chrono::hours(24 * 365 * 50)};

  /// The clock stands at `start`, unless the state folder knows of a later instant.
  explicit server(std::vector<wt::workflow_definition> workflows, std::filesystem::path state_folder = {},
                  wt::clock::time_point start = usual_start);
  ~server();

  /// Lets everything happen that can happen without the outside and without time.
  void settle();
  /// Moves the clock and settles.
  void advance(std::chrono::nanoseconds time);

  /// Starts and settles; answers with the execution id.
  std::string start(const std::string& workflow, json::value input = nullptr,
                    std::optional<std::string> id = std::nullopt);
  void signal(const std::string& id, const std::string& name, json::value input = nullptr);
  json::value query(const std::string& id, const std::string& name, json::value input = nullptr);
  json::value update(const std::string& id, const std::string& name, json::value input = nullptr);
  std::string status(const std::string& id) const;
  json::value result(const std::string& id) const;
  std::string run_id(const std::string& id) const;

  /// Payloads in the execution's stream, from the first.
  std::vector<json::object> events(const std::string& id);
  /// Their event types.
  std::vector<std::string> types(const std::string& id);
  /// One line for each event of all executions, ids and times left out.
  std::vector<std::string> story();

  wt::engine& engine() { return *engine_; }
  std::shared_ptr<wt::manual_clock> clock() { return clock_; }
  asio::io_context& io() { return io_; }

 private:
  asio::io_context io_;
  std::shared_ptr<wt::manual_clock> clock_;
  std::unique_ptr<wt::engine> engine_;
};

using strings = std::vector<std::string>;

/// What `call` is refused with; a check fails if it is not.
template <class Call>
wt::api_failure refusal_of(Call call) {
  try {
    call();
  } catch (const wt::api_failure& refused) {
    return refused;
  }
  return wt::api_failure(0, "none", "not refused");
}

}  // namespace engine_test
