// Workflows that somebody changes, their registrations, and what lists leave out.
#include "server/engine/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

BOOST_AUTO_TEST_SUITE(engine_workflows)

using namespace engine_test;
using boost::asio::awaitable;
using wt::workflow_context;
using wt::workflow_definition;

namespace {

awaitable<json::value> echo(workflow_context context) { co_return context.input(); }
awaitable<json::value> waits(workflow_context context) { co_return co_await context.wait_signal("go"); }

std::vector<workflow_definition> all() {
  std::vector<workflow_definition> all;
  all.emplace_back("echo", echo);
  all.back().signal_handlers.emplace_back("go");
  all.back().updates.emplace_back("set");
  all.back().execution_timeout = 90s;
  all.emplace_back("shared", echo);
  all.back().shared_namespace = "shared:tools";
  all.back().available_in_chat_assistant = true;
  all.emplace_back("technical", waits);
  all.back().technical = true;
  all.back().deployment_name = "prod";
  return all;
}

wt::workflow_settings archived(bool value) {
  wt::workflow_settings change;
  change.archived = value;
  return change;
}

std::string id_of(server& server, const std::string& name) {
  return std::string(server.engine().get_workflow(name).at("workflow").at("id").as_string());
}

strings names(const json::object& page) {
  strings names;
  for (const auto& item : page.at("workflows").as_array()) names.emplace_back(item.at("name").as_string());
  return names;
}

std::vector<json::object> registrations(server& server, const wt::registration_filter& filter) {
  std::vector<json::object> found;
  auto page = server.engine().list_registrations(filter);
  BOOST_TEST(page.at("workflow_registrations") == page.at("workflow_versions"));
  for (const auto& item : page.at("workflow_registrations").as_array()) found.push_back(item.as_object());
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_changed_about_a_workflow_outlives_a_restart_and_another_definition) {
  scratch_folder folder;
  wt::workflow_settings change;
  change.display_name = "Echo!";
  change.tags = strings{"new"};
  for (int start = 0; start < 2; ++start) {
    server server(all(), folder.path());
    if (start == 0) {
      server.engine().change_workflow("echo", change, "workflows.update");
      change = wt::workflow_settings();
      change.description = "says it again";
      server.engine().change_workflow(id_of(server, "echo"), change, "workflows.update");
      server.engine().change_workflow("echo", archived(true), "workflows.archive");
    }
    server.engine().define(all().front());
    auto shown = server.engine().get_workflow("echo").at("workflow").as_object();
    BOOST_TEST(shown.at("display_name") == "Echo!");
    BOOST_TEST(shown.at("description") == "says it again");
    BOOST_TEST(shown.at("tags") == parsed(R"(["new"])"));
    BOOST_TEST(shown.at("archived") == true);
    BOOST_TEST(shown.at("available_in_chat_assistant") == false);
    BOOST_TEST(server.engine().done().of("workflows.update") == 2);
    BOOST_TEST(server.engine().done().of("workflows.archive") == 1);
  }
}

BOOST_AUTO_TEST_CASE(archiving_hides_a_workflow_from_lists_that_exclude_it_until_it_is_unarchived) {
  server server(all());
  server.engine().change_workflow("echo", archived(true), "workflows.archive");
  wt::workflow_filter filter;
  BOOST_TEST(names(server.engine().list_workflows(filter)).size() == 3U);
  filter.archived = false;
  BOOST_TEST(names(server.engine().list_workflows(filter)) == (strings{"shared", "technical"}),
             boost::test_tools::per_element());
  filter.archived = true;
  BOOST_TEST(names(server.engine().list_workflows(filter)) == strings{"echo"},
             boost::test_tools::per_element());
  server.engine().change_workflow("echo", archived(false), "workflows.unarchive");
  BOOST_TEST(names(server.engine().list_workflows(filter)).empty());
}

BOOST_AUTO_TEST_CASE(a_bulk_change_tells_which_workflows_it_did_not_find) {
  server server(all());
  const std::string nobody = "00000000-0000-4000-8000-00000000000f";
  auto answer = server.engine().archive_all({id_of(server, "echo"), nobody, id_of(server, "shared")}, true);
  BOOST_TEST(answer.at("archived").as_array().size() == 2U);
  BOOST_TEST(answer.at("archived").at(0).at("archived") == true);
  BOOST_TEST(answer.at("errored").as_array().size() == 1U);
  BOOST_TEST(answer.at("errored").at(0).at("workflow_id").as_string() == nobody);
  BOOST_TEST(answer.at("errored").at(0).at("message").is_string());
  answer = server.engine().archive_all({id_of(server, "echo")}, false);
  BOOST_TEST(answer.at("unarchived").at(0).at("archived") == false);
  BOOST_TEST(answer.at("errored").as_array().empty());
}

BOOST_AUTO_TEST_CASE(lists_leave_out_what_is_shared_or_inactive_on_request) {
  server server(all());
  wt::workflow_filter filter;
  filter.include_shared = false;
  BOOST_TEST(names(server.engine().list_workflows(filter)) == (strings{"echo", "technical"}),
             boost::test_tools::per_element());
  filter = wt::workflow_filter();
  filter.active = true;
  BOOST_TEST(names(server.engine().list_workflows(filter)).size() == 3U);
  filter.active = false;
  BOOST_TEST(names(server.engine().list_workflows(filter)).empty());
  filter = wt::workflow_filter();
  filter.search = id_of(server, "shared");
  BOOST_TEST(names(server.engine().list_workflows(filter)) == strings{"shared"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(runs_of_technical_workflows_are_left_out_on_request_and_current_is_who_asks) {
  server server(all());
  server.start("echo");
  server.start("technical");
  auto count = [&](const wt::run_filter& filter) {
    return server.engine().list_runs(filter).at("executions").as_array().size();
  };
  wt::run_filter filter;
  filter.user_id = "current";
  BOOST_TEST(count(filter) == 2U);
  filter.include_internal = false;
  BOOST_TEST(count(filter) == 1U);
  filter.user_id = "somebody";
  BOOST_TEST(count(filter) == 0U);
}

BOOST_AUTO_TEST_CASE(registrations_are_listed_filtered_and_paged) {
  server server(all());
  wt::registration_filter filter;
  BOOST_TEST(registrations(server, filter).size() == 3U);
  BOOST_TEST(registrations(server, filter)[0].at("workflow").is_null());
  filter.with_workflow = true;
  BOOST_TEST(registrations(server, filter)[0].at("workflow").at("name") == "echo");
  filter = wt::registration_filter();
  filter.workflow_id = id_of(server, "shared");
  BOOST_TEST(registrations(server, filter).size() == 1U);
  filter = wt::registration_filter();
  filter.task_queue = "prod";
  BOOST_TEST(registrations(server, filter).size() == 1U);
  filter = wt::registration_filter();
  filter.include_shared = false;
  BOOST_TEST(registrations(server, filter).size() == 2U);
  filter = wt::registration_filter();
  filter.workflow_search = "TECH";
  BOOST_TEST(registrations(server, filter).size() == 1U);
  filter = wt::registration_filter();
  filter.available_in_chat_assistant = true;
  BOOST_TEST(registrations(server, filter).size() == 1U);
  filter = wt::registration_filter();
  filter.archived = true;
  BOOST_TEST(registrations(server, filter).empty());

  filter = wt::registration_filter();
  filter.limit = 1;
  std::set<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    auto answer = server.engine().list_registrations(filter);
    seen.insert(std::string(answer.at("workflow_registrations").at(0).at("id").as_string()));
    BOOST_TEST(answer.at("next_cursor").is_null() == (page == 2));
    if (page < 2) filter.cursor = std::string(answer.at("next_cursor").as_string());
  }
  BOOST_TEST(seen.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_registration_shows_what_the_code_declares_and_can_be_executed) {
  server server(all());
  wt::registration_filter filter;
  auto id = std::string(registrations(server, filter)[0].at("id").as_string());
  auto answer = server.engine().get_registration(id, true, true);
  const auto& shown = answer.at("workflow_registration").as_object();
  BOOST_TEST(answer.at("workflow_version") == answer.at("workflow_registration"));
  BOOST_TEST(shown.at("active") == true);
  BOOST_TEST(shown.at("workflow_id").as_string() == id_of(server, "echo"));
  BOOST_TEST(shown.at("definition").at("signals").at(0).at("name") == "go");
  BOOST_TEST(shown.at("definition").at("updates").at(0).as_object().contains("output_schema"));
  BOOST_TEST(!shown.at("definition").at("signals").at(0).as_object().contains("output_schema"));
  BOOST_TEST(shown.at("definition").at("execution_timeout").to_number<double>() == 90.0);

  wt::start_request request;
  request.execution_id = "x";
  request.input = 7;
  server.engine().execute_registration(id, request);
  server.settle();
  BOOST_TEST(server.result("x") == 7);
  BOOST_TEST(server.engine().done().of("registrations.execute", "x") == 1);
  BOOST_TEST(server.engine().done().of("started", "x") == 1);
  const std::string nobody = "00000000-0000-4000-8000-00000000000f";
  BOOST_TEST(refusal_of([&] { server.engine().execute_registration(nobody, request); }).status() == 404);
  BOOST_TEST(refusal_of([&] { server.engine().get_registration(nobody, true, true); }).status() == 404);
  filter.workflow_search = "shared";
  auto shared = std::string(registrations(server, filter)[0].at("id").as_string());
  BOOST_TEST(refusal_of([&] { server.engine().get_registration(shared, true, false); }).status() == 404);
}

BOOST_AUTO_TEST_SUITE_END()
