#include "bulk/run/batch_support.hpp"

#include "running.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <utility>

namespace test {
namespace {

using wf::testing::workflow_context;

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

asio::awaitable<json::value> until_told(workflow_context context) {
  const json::value input = context.input();
  bool stays = text_of(input.at("do")) == "stay";
  for (;;) {
    try {
      co_await context.wait_signal("go");
      co_return input.at("value");
    } catch (const wf::testing::workflow_cancelled&) {
      if (!stays) throw;
    }
  }
}

json::value go_on_as_another(workflow_context context, bool elsewhere) {
  json::object next = context.input().as_object();
  next["do"] = "wait";
  wf::testing::continue_options how;
  how.new_execution_id = elsewhere;
  return context.continue_as_new(std::move(next), how);
}

asio::awaitable<json::value> do_job(workflow_context context) {
  const json::value input = context.input();
  const std::string what = text_of(input.at("do"));
  if (what == "fail") throw wf::testing::workflow_failure(text_of(input.at("value")), true);
  if (what == "renew" || what == "move") co_return go_on_as_another(context, what == "move");
  if (what == "wait" || what == "stay") co_return co_await until_told(context);
  co_return input.at("value");
}

void add(outcomes& told, wf::bulk_outcome one) {
  const std::string key = one.key;
  const bool is_new = told.emplace(key, std::move(one)).second;
  BOOST_TEST_CONTEXT(key) BOOST_TEST(is_new);
}

wf::testing::local_server_options server_options(bool manual_clock) {
  wf::testing::local_server_options out;
  out.manual_clock = manual_clock;
  out.tls = false;
  out.api_key = "test-key";
  wf::testing::workflow_definition definition("job", do_job);
  definition.input_schema["type"] = "object";
  definition.input_schema["required"] = json::array({"do"});
  definition.signal_handlers.emplace_back("go");
  out.workflows.push_back(std::move(definition));
  return out;
}

}  // namespace

batches::batches(bool manual_clock) : server(server_options(manual_clock)), client(io, client_options()) {}

wf::client_options batches::client_options() const {
  wf::client_options out;
  out.server_url = server.url();
  out.api_key = "test-key";
  out.retry.initial_backoff = std::chrono::milliseconds(2);
  out.retry.max_backoff = std::chrono::milliseconds(20);
  out.retry.look_distance = std::chrono::milliseconds(20);
  return out;
}

wf::client_options batches::supplied(std::function<std::string()> key) const {
  wf::client_options out = client_options();
  out.api_key.clear();
  out.api_key_supplier = [key]() -> asio::awaitable<std::string> { co_return key(); };
  return out;
}

wf::bulk_options batches::without_journal(std::string batch) const {
  wf::bulk_options out(std::move(batch));
  out.begin = wf::bulk_begin::first_run;
  out.most_in_flight = 20;
  out.probe_after = std::chrono::milliseconds(20);
  out.progress_every = std::chrono::milliseconds(20);
  out.waiting.page_interval = std::chrono::milliseconds(50);
  return out;
}

wf::bulk_options batches::options(std::string batch) const {
  wf::bulk_options out = without_journal(std::move(batch));
  out.begin = wf::bulk_begin::automatic;
  out.journal = journal();
  return out;
}

void batches::run(std::function<asio::awaitable<void>()> body) { test::run(io, std::move(body)); }

asio::awaitable<void> batches::journal_is_free() {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  wf::journal_manifest manifest("nightly", "job");
  manifest.options = R"({"wait":"result"})";
  for (;;) {
    const auto mine = journal();
    const auto opened = co_await wf::try_(mine->open(manifest, wf::journal_begin::automatic));
    if (opened) {
      co_await mine->close();
      co_return;
    }
    if (std::chrono::steady_clock::now() > limit) opened.value();
    co_await asio::post(io, asio::use_awaitable);
  }
}

asio::awaitable<void> batches::let_go(std::string batch, std::vector<std::string> keys) {
  for (const std::string& key : keys) {
    wf::signal_request go("go");
    co_await client.executions().signal(wf::bulk_execution_id(batch, key), std::move(go));
  }
}

asio::awaitable<void> batches::goes_on_as_another(std::string batch, std::string key) {
  wf::run_list_request earlier;
  earlier.root_execution_id = wf::bulk_execution_id(batch, key);
  earlier.status.emplace_back(wf::execution_status::continued_as_new);
  for (;;) {
    const wf::run_page page = co_await client.runs().list(earlier);
    if (!page.executions.empty()) break;
    co_await asio::post(io, asio::use_awaitable);
  }
  for (;;) {
    const auto status = co_await status_of(batch, key);
    if (status == wf::execution_status::running) co_return;
  }
}

asio::awaitable<std::string> batches::goes_on_elsewhere(std::string batch, std::string key) {
  const std::string own = wf::bulk_execution_id(batch, key);
  wf::run_list_request all;
  all.workflow_identifier = "job";
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < limit) {
    const wf::run_page page = co_await client.runs().list(all);
    for (const wf::execution_summary& row : page.executions)
      if (row.execution_id != own) co_return row.execution_id;
    co_await asio::post(io, asio::use_awaitable);
  }
  throw std::runtime_error("the job did not go on elsewhere");
}

asio::awaitable<wf::open_enum<wf::execution_status>> batches::status_of(std::string batch, std::string key) {
  const wf::execution seen = co_await client.executions().get(wf::bulk_execution_id(batch, key));
  co_return seen.status.value_or(wf::execution_status::unknown);
}

wf::bulk_job job(std::string key, std::string what, json::value value) {
  json::object input;
  input["do"] = what;
  input["value"] = std::move(value);
  return wf::bulk_job(std::move(key), std::move(input));
}

std::vector<wf::bulk_job> jobs(std::size_t count, const std::string& what) {
  std::vector<wf::bulk_job> out;
  for (std::size_t i = 1; i <= count; ++i)
    out.push_back(job(std::to_string(i), what, json::string("value " + std::to_string(i))));
  return out;
}

std::vector<std::string> keys(int first, int last) {
  std::vector<std::string> out;
  for (int key = first; key <= last; ++key) out.push_back(std::to_string(key));
  return out;
}

std::vector<std::string> keys_of(const std::vector<wf::bulk_job>& all) {
  std::vector<std::string> out;
  for (const wf::bulk_job& one : all) out.push_back(one.key);
  return out;
}

asio::awaitable<outcomes> all_of(wf::async_generator<wf::bulk_outcome> from) {
  outcomes out;
  while (auto outcome = co_await from.next()) add(out, std::move(*outcome));
  co_return out;
}

asio::awaitable<outcomes> first_of(wf::async_generator<wf::bulk_outcome> from, std::size_t count) {
  outcomes out;
  while (out.size() < count) {
    auto outcome = co_await from.next();
    BOOST_REQUIRE(outcome.has_value());
    add(out, std::move(*outcome));
  }
  co_return out;
}

std::size_t count(const outcomes& of, wf::bulk_status status) {
  std::size_t found = 0;
  for (const auto& [key, outcome] : of) found += outcome.status == status ? 1 : 0;
  return found;
}

asio::awaitable<void> until(std::function<bool()> holds) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("it did not come about");
    timer.expires_after(std::chrono::milliseconds(1));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace test
