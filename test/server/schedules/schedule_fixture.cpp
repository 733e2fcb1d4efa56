#include "server/schedules/schedule_fixture.hpp"

#include "protocol/json/date_time.hpp"
#include "protocol/json/decode.hpp"
#include "testing/engine/core/scheduler.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

namespace engine_test {

using boost::asio::awaitable;
namespace wf = mistral::workflows;

namespace {

awaitable<json::value> echo(wt::workflow_context context) { co_return context.input(); }

awaitable<json::value> nap(wt::workflow_context context) {
  co_await context.sleep_for(90s);
  co_return nullptr;
}

awaitable<json::value> fail(wt::workflow_context) {
  throw wt::workflow_failure("as it was told");
  co_return nullptr;
}

}  // namespace

wt::workflow_definition echo_workflow() { return wt::workflow_definition("echo", echo); }
wt::workflow_definition nap_workflow() { return wt::workflow_definition("nap", nap); }
wt::workflow_definition broken_workflow() { return wt::workflow_definition("broken", fail); }

std::vector<wt::workflow_definition> scheduled_workflows() {
  std::vector<wt::workflow_definition> all;
  all.push_back(echo_workflow());
  all.push_back(nap_workflow());
  all.push_back(broken_workflow());
  return all;
}

std::string schedule(server& on, const std::string& workflow, const std::string& members,
                     const std::string& id) {
  wf::schedule_create_body body;
  const auto text = R"({"workflow_identifier": ")" + workflow + R"(", "schedule_id": ")" + id +
                    R"(", "schedule": {"input": "in", )" + members + "}}";
  const auto problem = wf::protocol::decode(text, body);
  BOOST_REQUIRE_MESSAGE(!problem, text);
  const auto answer = on.engine().schedules().create(body);
  on.settle();
  return std::string(answer.at("schedule_id").as_string());
}

std::string minute_of(std::string_view instant) {
  const auto parsed = wf::protocol::parse_timestamp(instant);
  BOOST_REQUIRE_MESSAGE(parsed, instant);
  std::ostringstream text;
  text << std::chrono::duration<double, std::ratio<60>>(*parsed - server::usual_start).count();
  return text.str();
}

strings starts(server& on, const std::string& id) {
  strings all;
  const auto shown = on.engine().schedules().get(id);
  for (const auto& one : shown.at("recent_executions").as_array()) {
    const auto due = minute_of(one.at("scheduled_at").as_string());
    const auto started = minute_of(one.at("started_at").as_string());
    const std::string execution(one.at("execution_id").as_string());
    all.push_back((due == started ? due : due + '>' + started) + ' ' + on.status(execution));
  }
  return all;
}

strings future(server& on, const std::string& id) {
  strings all;
  const auto shown = on.engine().schedules().get(id);
  for (const auto& one : shown.at("future_executions").as_array())
    all.push_back(minute_of(one.at("scheduled_at").as_string()));
  return all;
}

}  // namespace engine_test
