#include "testing/engine/store/store.hpp"

#include "testing/engine/common/json_text.hpp"
#include "testing/engine/store/event_text.hpp"

#include <algorithm>
#include <stdexcept>

namespace mistral::workflows::testing {
namespace {

bool is_envelope(std::string_view key) {
  return key == "k" || key == "t" || key == "r" || key == "c" || key == "e" || key == "next";
}

std::string own_members(const boost::json::object& record) {
  boost::json::object own;
  for (const auto& member : record)
    if (!is_envelope(member.key())) own[member.key()] = member.value();
  return own.empty() ? std::string() : to_text(own);
}

void set_search_key(run_work& work, const boost::json::object& record) {
  work.search_keys[text_of(record, "key")] = text_of(record, "value");
}

std::size_t begin_of_attempt(const std::vector<step>& steps) {
  for (auto index = steps.size(); index > 0; --index)
    if (steps[index - 1].kind == record_kind::retry) return index;
  return 0;
}

}  // namespace

void store::apply(const boost::json::object& record) {
  auto kind = record_kind_from(text_of(record, "k"));
  last_time_ = from_nanoseconds(record.at("t").to_number<std::int64_t>());

  auto* run = record.contains("r") ? find_run(text_of(record, "r")) : nullptr;
  run_state* next = nullptr;
  if (auto* made = record.if_contains("next")) {
    next = &make_run(new_run_from(made->as_object()));
    if (kind == record_kind::reset) {
      repeat_steps(*next, *find_run(text_of(record, "from")), record.at("cut").to_number<std::size_t>());
    } else {
      done_.add("started", next->identity.execution_id);
    }
  }
  // Before the events, which say what the run's end says.
  if (run) change(*run, kind, record);
  // With two events, the first is the run's and the second the next one's.
  auto before = last_sequence();
  add_events(record);
  auto first = last_sequence() > before ? before + 1 : no_event;
  auto last = last_sequence() > before ? last_sequence() : no_event;
  if (next && kind != record_kind::reset) add_step(*next, record_kind::start, boost::json::object(), last);
  if (run) {
    if (kind == record_kind::child && next) run->work().children.push_back(next->identity.run_id);
    if (kind == record_kind::log)
      add_step(*run, kind, boost::json::object(), no_event);
    else if (kind != record_kind::did && kind != record_kind::reset && kind != record_kind::side_log)
      add_step(*run, kind, record, kind == record_kind::child ? no_event : first);
    if (kind == record_kind::retry) run->work().attempt_begin = run->work().steps.size();
  }
  if (kind == record_kind::workflow) settings_[text_of(record, "workflow")].merge(settings_from(record));
  if (auto* change = record.if_contains("s")) {
    const auto started = next ? next->identity.execution_id.str() : std::string();
    schedules_.apply(change->as_object(), next ? &started : nullptr, last_time_);
  }
  if (auto* deployment = record.if_contains("d")) deployments_.apply(deployment->as_object());
  if (record.contains("lines")) add_deployment_logs(record);
  if (auto* counted = record.if_contains("c")) {
    // What concerns no execution is counted under none.
    const auto* acted_on = run ? run : next;
    done_.add(counted->as_string(), acted_on ? acted_on->identity.execution_id : shared_text());
  }
}

/// Ids that are the same, held once.
run_identity store::shared(run_identity identity) {
  if (auto* known = find_execution(identity.execution_id)) identity.execution_id = known->id;
  for (auto* id : {&identity.root_execution_id, &identity.first_run_id}) {
    if (*id == identity.execution_id) *id = identity.execution_id;
    if (*id == identity.run_id) *id = identity.run_id;
  }
  identity.workflow_name = *names_.insert(identity.workflow_name).first;
  if (identity.deployment_name) identity.deployment_name = *names_.insert(*identity.deployment_name).first;
  return identity;
}

void store::pack_finished() {
  for (const auto& run : runs_)
    if (run->over()) run->pack();
}

run_state& store::make_run(const new_run& next) {
  auto made = std::make_unique<run_state>();
  auto& run = *made;
  run.identity = shared(next.identity);
  run.order = runs_.size();
  run.outlives_parent = next.outlives_parent;
  run.input = to_text(next.input);
  run.id_seed = next.id_seed == run.identity.run_id ? run.identity.run_id : next.id_seed;
  for (const auto& [key, value] : next.search_keys) run.work().search_keys[key] = value.as_string();
  if (!next.tracing.empty()) run.tracing = to_text(next.tracing);
  run.start = last_time_;
  for (const auto& item : next.backlog) run.work().backlog.push_back(to_text(item));
  runs_.push_back(std::move(made));
  by_run_id_.insert(&run);
  auto& execution = executions_[run.identity.execution_id];
  execution.id = run.identity.execution_id;
  execution.runs.push_back(&run);
  return run;
}

void store::repeat_steps(run_state& run, const run_state& from, std::size_t cut) {
  const auto before = from.look();
  auto& work = run.work();
  work.steps.assign(before->steps.begin(), before->steps.begin() + static_cast<std::ptrdiff_t>(cut));
  work.attempt_begin = begin_of_attempt(work.steps);
  for (const auto& one : work.steps) {
    if (one.kind == record_kind::attempt) run.attempt = from_text(one.data).at("attempt").to_number<int>();
    if (one.kind == record_kind::cancel) run.cancel_requested = true;
    if (one.kind == record_kind::search_key) set_search_key(work, from_text(one.data).as_object());
  }
  for (std::size_t index = work.attempt_begin; index < cut; ++index)
    if (work.steps[index].kind == record_kind::child)
      if (auto child = optional_text(from_text(work.steps[index].data).as_object(), "run_id"))
        work.children.push_back(*child);
}

void store::change(run_state& run, record_kind kind, const boost::json::object& record) {
  switch (kind) {
    case record_kind::signal:
    case record_kind::update:
      if (record.contains("backlog")) run.work().backlog.pop_front();
      return;
    case record_kind::log:
    case record_kind::side_log:
      return add_log(run, record);
    case record_kind::search_key:
      return set_search_key(run.work(), record);
    case record_kind::cancel:
      run.cancel_requested = true;
      return;
    case record_kind::retry:
      run.status = run_status::retrying_after_error;
      run.work().retry_at = from_nanoseconds(record.at("due").to_number<std::int64_t>());
      run.work().children.clear();
      return;
    case record_kind::attempt:
      run.status = run_status::running;
      run.work().retry_at.reset();
      run.attempt = record.at("attempt").to_number<int>();
      return;
    case record_kind::end:
      run.status = run_status_from(text_of(record, "status"));
      run.end = last_time_;
      if (auto* result = record.if_contains("result")) run.result = to_text(*result);
      if (auto* error = record.if_contains("error")) run.failure = std::string(error->as_string());
      return;
    case record_kind::continued:
      run.status = run_status::continued_as_new;
      run.end = last_time_;
      return;
    case record_kind::reset:
      if (run.over()) return;
      run.status = run_status::terminated;
      run.end = last_time_;
      return;
    default:
      return;
  }
}

void store::add_log(const run_state& run, const boost::json::object& record) {
  stored_log line;
  line.sequence = last_log() + 1;
  line.at = last_time_;
  line.run = &run;
  line.data = own_members(record);
  find_execution(run.identity.execution_id)->add_log(line.sequence);
  logs_.push_back(std::move(line));
}

void store::add_deployment_logs(const boost::json::object& record) {
  for (const auto& data : record.at("lines").as_array()) {
    stored_log line;
    line.sequence = last_log() + 1;
    line.at = last_time_;
    line.deployment = text_of(record.at("d").as_object(), "name");
    line.data = to_text(data);
    logs_.push_back(std::move(line));
  }
}

void store::add_events(const boost::json::object& record) {
  auto* payloads = record.if_contains("e");
  if (!payloads) return;
  for (const auto& payload : payloads->as_array()) {
    const auto& data = payload.at("data").as_object();
    stored_event event;
    const auto sequence = last_sequence() + 1;
    if (payload.at("broker_sequence").to_number<std::int64_t>() != sequence)
      throw std::runtime_error("the journal's event " + std::to_string(sequence) + " is missing");
    event.type = *event_types_.emplace(text_of(data, "event_type")).first;
    event.run = find_run(text_of(data, "workflow_run_id"));
    event.packed = pack_of(*event.run, to_text(payload));
    for (auto* execution : lineage(*event.run)) execution->events.push_back(sequence);
    events_.push_back(std::move(event));
  }
}

void store::add_step(run_state& run, record_kind kind, const boost::json::object& record,
                     std::int64_t event) {
  step made;
  made.kind = kind;
  made.at = last_time_;
  made.event = event;
  made.data = own_members(record);
  run.work().steps.push_back(std::move(made));
}

std::vector<execution_state*> store::lineage(const run_state& run) {
  std::vector<execution_state*> line;
  for (auto* execution = find_execution(run.identity.execution_id); execution;) {
    // An id that was used again may by now stand among its own descendants.
    if (std::find(line.begin(), line.end(), execution) != line.end()) break;
    line.push_back(execution);
    const auto& parent = execution->latest().identity.parent_execution_id;
    execution = parent ? find_execution(*parent) : nullptr;
  }
  return line;
}

execution_state* store::find_execution(std::string_view id) {
  auto entry = executions_.find(id);
  return entry == executions_.end() ? nullptr : &entry->second;
}

const execution_state* store::find_execution(std::string_view id) const {
  return const_cast<store*>(this)->find_execution(id);
}

run_state* store::find_run(std::string_view run_id) {
  auto entry = by_run_id_.find(run_id);
  return entry == by_run_id_.end() ? nullptr : *entry;
}

const run_state* store::find_run(std::string_view run_id) const {
  return const_cast<store*>(this)->find_run(run_id);
}

}  // namespace mistral::workflows::testing
