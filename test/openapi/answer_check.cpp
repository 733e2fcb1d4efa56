#include "openapi/answer_check.hpp"

#include "openapi/schema_check.hpp"

#include <boost/json/parse.hpp>

namespace openapi {
namespace {

std::string target_of(const operation& asked, const std::vector<std::string>& parameters,
                      const std::string& query) {
  std::string out = asked.path;
  for (const std::string& value : parameters) {
    const std::size_t open = out.find('{');
    out.replace(open, out.find('}') - open + 1, value);
  }
  return query.empty() ? out : out + "?" + query;
}

}  // namespace

json::value answer_check::ask(const std::string& name, const std::vector<std::string>& parameters,
                              const std::string& query, const std::string& body) {
  const operation& asked = description::get().at(name);
  const server_test::reply answer = client_.ask(asked.method, target_of(asked, parameters, query), body);
  const auto type = answer.headers.find("content-type");
  json::value parsed;
  check(asked, answer.status, type == answer.headers.end() ? std::string() : type->second, answer.body,
        parsed);
  return parsed;
}

void answer_check::check(const operation& asked, int status, const std::string& content_type,
                         const std::string& body, json::value& parsed) {
  const std::string about = asked.name() + ": ";
  if (status < 200 || status > 299)
    refused_[asked.name()] = std::to_string(status) + " " + body.substr(0, 200);
  const auto known = asked.responses.find(status);
  // An error that is no refusal of the request has a form that the description leaves open.
  if (known == asked.responses.end()) {
    if (status < 300)
      problems_.push_back(about + "the description knows no answer " + std::to_string(status));
    return;
  }
  if (status < 300) answered_.insert(asked.name());
  if (content_type != known->second.content_type)
    problems_.push_back(about + "content type \"" + content_type + "\"");
  if (!known->second.schema) {
    if (!body.empty()) problems_.push_back(about + "a body where there should be none");
    return;
  }
  parsed = json::parse(body);
  // An error with a code of the API's own: the description knows those of its framework alone.
  if (status > 299 && parsed.is_object() && parsed.get_object().contains("code")) return;
  for (const std::string& each : schema_check(true)(*known->second.schema, parsed))
    problems_.push_back(about + std::to_string(status) + " " + each);
}

void answer_check::follow(const std::string& name, const std::vector<std::string>& parameters, int events,
                          const std::string& query) {
  const operation& asked = description::get().at(name);
  server_test::raw_client client(server_);
  client.request(asked.method, target_of(asked, parameters, query));
  const server_test::reply head = client.head();
  if (head.status != 200) {
    refused_[name] = std::to_string(head.status);
    return;
  }
  if (!head.headers.at("content-type").starts_with("text/event-stream"))
    problems_.push_back(name + ": is no stream of events");
  json::object event;
  int silence = 0;
  while (events > 0 && silence < 10) {
    const auto line = client.line();
    if (!line) break;
    if (line->starts_with(":")) ++silence;  // a comment, which comes while there is nothing to tell
    for (const std::string field : {"id", "event", "data", "retry"})
      if (line->starts_with(field + ": ")) event[field] = line->substr(field.size() + 2);
    if (!line->empty() || event.empty()) continue;
    if (json::value* data = event.if_contains("data")) *data = json::parse(data->as_string());
    if (json::value* retry = event.if_contains("retry")) *retry = std::stoi(std::string(retry->as_string()));
    for (const std::string& each : schema_check(true)(*asked.responses.at(200).schema, event))
      problems_.push_back(name + ": an event " + each);
    answered_.insert(name);
    event.clear();
    --events;
  }
}

std::vector<std::string> answer_check::problems() const {
  std::vector<std::string> out = problems_;
  for (const operation& each : description::get().operations()) {
    if (answered_.contains(each.name())) continue;
    const auto refusal = refused_.find(each.name());
    out.push_back(each.name() + ": never answered as when all is well; " +
                  (refusal == refused_.end() ? std::string("nothing came") : refusal->second));
  }
  return out;
}

}  // namespace openapi
