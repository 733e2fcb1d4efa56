// `metadata_filters` of the stream of all events, as one
// JSON value and as a parameter for each of its members.
#include "server/http/http_workflows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace json = boost::json;
using namespace server_test;

namespace {

// Emits an event for each update: its task's id is the update's "id", its metadata the update's "metadata".
boost::asio::awaitable<json::value> emitter(wft::workflow_context context) {
  context.on_update("emit", [context](const json::value& input) -> json::value {
    json::object task;
    task["custom_task_id"] = input.at("id");
    task["custom_task_type"] = "writing";
    context.emit_event("CUSTOM_TASK_CANCELED", task, input.at("metadata").as_object());
    return nullptr;
  });
  co_return co_await context.wait_signal("go");
}

wft::local_server_options soon_silent() {
  wft::local_server_options options = plain_options();
  options.comment_interval = std::chrono::milliseconds(5);
  return options;
}

struct filtering_server {
  filtering_server() {
    server.add_workflow(wft::workflow_definition("emitter", emitter));
    BOOST_REQUIRE_EQUAL(client.ask("POST", api + "/emitter/execute", R"({"execution_id": "s"})").status, 200);
  }

  void emit(const std::string& id, const std::string& metadata) {
    const std::string body =
        R"({"name": "emit", "input": {"id": ")" + id + R"(", "metadata": )" + metadata + "}}";
    BOOST_REQUIRE_EQUAL(client.ask("POST", executions + "s/updates", body).status, 200);
  }

  // What the stream brings before it falls silent: the ids of tasks, and the types of other events.
  std::string brings(const std::string& query, const std::string& header = std::string()) {
    raw_client follower(server);
    follower.request("GET", api + "/events/stream?" + query, "", header);
    const int status = follower.head().status;
    if (status != 200) return std::to_string(status);
    std::string ids;
    while (const auto line = follower.line()) {
      if (line->starts_with(":")) break;  // a comment, which comes while there is nothing to tell
      if (!line->starts_with("data: ")) continue;
      const json::value data = json::parse(line->substr(6)).at("data");
      const json::value* id = data.at("attributes").as_object().if_contains("custom_task_id");
      ids += (ids.empty() ? "" : " ") + std::string((id ? *id : data.at("event_type")).as_string());
    }
    return ids;
  }

  // The only problem of a refused query.
  std::string refusal(const std::string& query) {
    BOOST_REQUIRE_EQUAL(brings(query), "422");
    const json::array problems =
        client.ask("GET", api + "/events/stream?" + query).json().at("detail").as_array();
    BOOST_REQUIRE_EQUAL(problems.size(), 1u);
    return json::serialize(problems[0].at("loc")) + " " + std::string(problems[0].at("msg").as_string());
  }

  wft::local_server server{soon_silent()};
  raw_client client{server};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_metadata_filters, filtering_server)

BOOST_AUTO_TEST_CASE(metadata_filters_come_as_one_json_value_or_as_a_parameter_for_each_member) {
  emit("red", R"({"team": "red", "room": "a b&c"})");
  emit("blue", R"({"team": "blue", "room": "a b&c"})");
  // {"team":"blue"}; {"room":"a b&c","team":"blue"}
  BOOST_TEST(brings("metadata_filters=%7B%22team%22%3A%22blue%22%7D") == "blue");
  BOOST_TEST(brings("metadata_filters=%7B%22room%22%3A%22a+b%26c%22%2C%22team%22%3A%22blue%22%7D") == "blue");
  BOOST_TEST(brings("team=blue") == "blue");
  BOOST_TEST(brings("room=a%20b%26c") == "red blue");
  BOOST_TEST(brings("room=a%20b%26c&team=red&scope=*&start_seq=1") == "red");
  BOOST_TEST(brings("team=green") == "");
  BOOST_TEST(brings("metadata_filters=%7B%7D&workflow_event_types=CUSTOM_TASK_CANCELED") == "red blue");
  BOOST_TEST(brings("metadata_filters=null&workflow_event_types=CUSTOM_TASK_CANCELED") == "red blue");
}

BOOST_AUTO_TEST_CASE(a_filter_in_a_parameter_of_its_own_has_lost_its_type_and_fits_every_value_of_that_text) {
  emit("number", R"({"code": 7, "done": true, "share": 2.5})");
  emit("text", R"({"code": "7", "done": "true", "share": "2.5", "note": ""})");
  emit("others", R"({"code": [7], "done": null, "share": 2, "note": "7"})");
  BOOST_TEST(brings("code=7") == "number text others");  // a list of one goes out as its one
  BOOST_TEST(brings("done=true") == "number text");
  BOOST_TEST(brings("share=2.5") == "number text");
  BOOST_TEST(brings("note=") == "text");
  BOOST_TEST(brings("note") == "text");
  // {"code":7}
  BOOST_TEST(brings("metadata_filters=%7B%22code%22%3A7%7D") == "number");
}

BOOST_AUTO_TEST_CASE(lists_and_objects_in_a_parameter_of_their_own_are_joined_by_commas) {
  emit("list", R"({"tags": ["x y", 2, null, {"a": 1}]})");
  emit("object", R"({"tags": {"city": "Paris", "floor": 3, "door": null}})");
  BOOST_TEST(brings("tags=x%20y%2C2%2C%7B%22a%22%3A1%7D") == "list");
  BOOST_TEST(brings("tags=city%2CParis%2Cfloor%2C3") == "object");
  // ["x y",2,null,{"a":1}]
  BOOST_TEST(brings("tags=%5B%22x+y%22%2C2%2Cnull%2C%7B%22a%22%3A1%7D%5D") == "list");
}

BOOST_AUTO_TEST_CASE(both_forms_of_metadata_filters_at_once_must_both_fit) {
  emit("json_alone", R"({"team": "red", "n": 1})");
  emit("parameter_alone", R"({"team": "blue", "n": 2})");
  emit("both", R"({"team": "blue", "n": 1})");
  // {"n":1}; {"team":"red"}
  BOOST_TEST(brings("metadata_filters=%7B%22n%22%3A1%7D&team=blue") == "both");
  BOOST_TEST(brings("team=blue&metadata_filters=%7B%22team%22%3A%22red%22%7D") == "");
}

BOOST_AUTO_TEST_CASE(a_member_of_metadata_named_as_a_parameter_of_the_operation_is_filtered_in_json_alone) {
  emit("named", R"({"workflow_exec_id": "other", "scope": "activity", "metadata_filters": "x"})");
  // {"workflow_exec_id":"other"}; {"metadata_filters":"x"}
  BOOST_TEST(brings("metadata_filters=%7B%22workflow_exec_id%22%3A%22other%22%7D") == "named");
  BOOST_TEST(brings("metadata_filters=%7B%22metadata_filters%22%3A%22x%22%7D") == "named");
  BOOST_TEST(brings("workflow_exec_id=other") == "");
  BOOST_TEST(brings("workflow_exec_id=s") == "WORKFLOW_EXECUTION_STARTED named");
  BOOST_TEST(brings("scope=activity") == "");
  BOOST_TEST(brings("last_event_id=1") == "named");
  BOOST_TEST(brings("last_event_id=2", "Last-Event-ID: 1\r\n") == "named");
}

BOOST_AUTO_TEST_CASE(metadata_filters_that_are_no_json_object_are_422_and_say_why) {
  BOOST_TEST(refusal("metadata_filters=%7B%22team%22")
                 .starts_with(R"(["query","metadata_filters"] Invalid JSON: )"));
  BOOST_TEST(refusal("metadata_filters=blue").starts_with(R"(["query","metadata_filters"] Invalid JSON: )"));
  BOOST_TEST(refusal("metadata_filters=").starts_with(R"(["query","metadata_filters"] Invalid JSON: )"));
  for (const char* other : {"%5B1%5D", "7", "%22blue%22", "true"})
    BOOST_TEST(refusal(std::string("metadata_filters=") + other) ==
               R"(["query","metadata_filters"] Input should be a valid dictionary)");
}

BOOST_AUTO_TEST_CASE(a_filter_in_a_parameter_of_its_own_that_comes_twice_is_422) {
  BOOST_TEST(refusal("team=red&n=1&team=blue&team=green") ==
             R"(["query","team"] Input should be given once, as a filter of metadata)");
}

BOOST_AUTO_TEST_CASE(operations_without_metadata_filters_ignore_parameters_that_they_do_not_know) {
  BOOST_TEST(
      client.ask("GET", api + "/events/list?team=blue&team=red").json().at("events").as_array().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
