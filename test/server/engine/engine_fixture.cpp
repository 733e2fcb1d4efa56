#include "server/engine/engine_fixture.hpp"

#include <fstream>
#include <sstream>

#include <stdlib.h>

namespace engine_test {

scratch_folder::scratch_folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "engine_test.XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no scratch folder");
  path_ = pattern;
}

scratch_folder::~scratch_folder() { std::filesystem::remove_all(path_); }

std::string scratch_folder::read_journal() const {
  std::ifstream file(journal(), std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void scratch_folder::write_journal(std::string_view bytes) const {
  std::ofstream file(journal(), std::ios::binary | std::ios::trunc);
  file << bytes;
}

server::server(std::vector<wt::workflow_definition> workflows, std::filesystem::path state_folder,
               wt::clock::time_point start)
    : clock_(std::make_shared<wt::manual_clock>(start)) {
  wt::engine_options options;
  options.clock = clock_;
  options.state_folder = std::move(state_folder);
  options.workflows = std::move(workflows);
  engine_ = std::make_unique<wt::engine>(io_.get_executor(), options);
  settle();
}

server::~server() = default;

void server::settle() {
  io_.restart();
  io_.poll();
}

void server::advance(std::chrono::nanoseconds time) {
  const auto end = clock_->now() + time;
  settle();
  while (clock_->step(end)) settle();
}

std::string server::start(const std::string& workflow, json::value input, std::optional<std::string> id) {
  wt::start_request request;
  request.execution_id = std::move(id);
  request.input = std::move(input);
  auto started = engine_->execute(workflow, request);
  settle();
  return std::string(started.at("execution_id").as_string());
}

void server::signal(const std::string& id, const std::string& name, json::value input) {
  engine_->signal(id, name, input);
  settle();
}

json::value server::query(const std::string& id, const std::string& name, json::value input) {
  return engine_->query(id, name, input).at("result");
}

json::value server::update(const std::string& id, const std::string& name, json::value input) {
  auto result = engine_->update(id, name, input).at("result");
  settle();
  return result;
}

std::string server::status(const std::string& id) const {
  return std::string(engine_->get_execution(id).at("status").as_string());
}

json::value server::result(const std::string& id) const { return engine_->get_execution(id).at("result"); }
std::string server::run_id(const std::string& id) const {
  return std::string(engine_->get_execution(id).at("run_id").as_string());
}

std::vector<json::object> server::events(const std::string& id) {
  std::vector<json::object> all;
  auto subscription = engine_->subscribe(id);
  wt::event_view event;
  while (subscription.try_next(event)) all.push_back(parsed(event.payload).as_object());
  return all;
}

std::vector<std::string> server::types(const std::string& id) {
  std::vector<std::string> types;
  for (const auto& event : events(id)) types.emplace_back(event.at("data").at("event_type").as_string());
  return types;
}

std::vector<std::string> server::story() {
  std::vector<std::string> lines;
  auto subscription = engine_->subscribe_all(wt::event_filter());
  wt::event_view event;
  while (subscription.try_next(event)) {
    auto data = parsed(event.payload).at("data").as_object();
    auto attributes = data.at("attributes").as_object();
    for (const auto* generated : {"task_id", "custom_task_id", "new_execution_run_id"})
      attributes.erase(generated);
    lines.push_back(std::to_string(event.sequence) + " " + event.type + " " + json::serialize(attributes));
  }
  return lines;
}

}  // namespace engine_test
