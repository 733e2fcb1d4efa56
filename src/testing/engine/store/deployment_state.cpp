#include "testing/engine/store/deployment_state.hpp"

#include "testing/engine/common/json_text.hpp"

#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"

#include <boost/json/array.hpp>

#include <stdexcept>

namespace mistral::workflows::testing {

namespace json = boost::json;

namespace {

json::value to_json(std::optional<timestamp> time) {
  if (!time) return nullptr;
  return time->time_since_epoch().count();
}

std::optional<timestamp> instant_in(const json::value& count) {
  if (count.is_null()) return std::nullopt;
  return timestamp(duration(count.to_number<std::int64_t>()));
}

json::object to_json(const managed_worker& worker) {
  json::object made;
  made["name"] = worker.name;
  made["number"] = worker.number;
  made["created"] = to_json(worker.created_at);
  made["ended"] = to_json(worker.ended_at);
  return made;
}

managed_worker worker_from(const json::object& record) {
  managed_worker worker;
  worker.name = text_of(record, "name");
  worker.number = record.at("number").to_number<std::int64_t>();
  worker.created_at = instant_in(record.at("created")).value();
  worker.ended_at = instant_in(record.at("ended"));
  return worker;
}

}  // namespace

json::object to_json(const deployment_state& deployment) {
  json::object made;
  made["name"] = deployment.name;
  made["created"] = to_json(deployment.created_at);
  made["updated"] = to_json(deployment.updated_at);
  made["local"] = deployment.local;
  made["managed"] = nullptr;
  if (deployment.managed)
    made["managed"] = from_text(protocol::encode(*deployment.managed, protocol::nulls::write));
  made["due"] = to_json(deployment.due);
  json::array workers;
  for (const auto& worker : deployment.workers) workers.push_back(to_json(worker));
  made["workers"] = std::move(workers);
  made["workers_made"] = deployment.workers_made;
  return made;
}

void deployment_book::apply(const json::object& change) {
  const auto name = text_of(change, "name");
  if (change.contains("removed")) {
    all_.erase(name);
    return;
  }
  auto& deployment = all_[name];
  deployment.name = name;
  if (deployment.order == 0) deployment.order = ++made_;
  deployment.created_at = instant_in(change.at("created")).value();
  deployment.updated_at = instant_in(change.at("updated")).value();
  deployment.local = change.at("local").as_bool();
  deployment.managed.reset();
  const auto& managed = change.at("managed");
  if (!managed.is_null()) {
    if (auto problem = protocol::decode(to_text(managed), deployment.managed.emplace()))
      throw std::runtime_error("the deployment '" + name + "' at " + problem->path + ": " + problem->reason);
  }
  deployment.due = instant_in(change.at("due"));
  deployment.workers.clear();
  for (const auto& worker : change.at("workers").as_array())
    deployment.workers.push_back(worker_from(worker.as_object()));
  deployment.workers_made = change.at("workers_made").to_number<std::int64_t>();
}

const deployment_state* deployment_book::find(const std::string& name) const {
  const auto entry = all_.find(name);
  return entry == all_.end() ? nullptr : &entry->second;
}

}  // namespace mistral::workflows::testing
