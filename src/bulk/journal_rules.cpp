#include "bulk/journal_rules.hpp"

#include <string_view>

namespace mistral::workflows::bulk_core {
namespace {

[[noreturn]] void refuse(std::string reason) {
  throw journal_failure(journal_problem::refused, std::move(reason));
}

std::string in_quotes(std::string_view text) {
  // Options may be long: what differs is rarely behind this.
  constexpr std::size_t most = 200;
  return "'" + std::string(text.substr(0, most)) + (text.size() > most ? "...'" : "'");
}

void same(std::string_view what, const std::string& there, const std::string& wanted) {
  if (there != wanted)
    refuse("the journal was begun with another " + std::string(what) + ": " + in_quotes(there) + ", not " +
           in_quotes(wanted));
}

void same_workflow(const journal_generation& there, const journal_manifest& wanted) {
  same("workflow", there.manifest.workflow, wanted.workflow);
}

journal_opening resume(const journal_generation& there, const journal_manifest& wanted) {
  same_workflow(there, wanted);
  same("set of options", there.manifest.options, wanted.options);
  if (!there.manifest.source_hash.empty() && !wanted.source_hash.empty())
    same("source (by its hash)", there.manifest.source_hash, wanted.source_hash);
  journal_opening out;
  out.generation = there;
  out.resumed = true;
  return out;
}

journal_opening begin_next(const std::optional<journal_generation>& latest, const journal_manifest& manifest,
                           generation_kind kind) {
  journal_opening out;
  out.generation.number = latest ? latest->number + 1 : 0;
  out.generation.base = kind == generation_kind::retry ? latest->base : out.generation.number;
  out.generation.kind = kind;
  out.generation.manifest = manifest;
  return out;
}

bool unfinished(const std::optional<journal_generation>& latest, generation_kind kind) noexcept {
  return latest && !latest->finished && latest->kind == kind;
}

journal_opening report(const std::optional<journal_generation>& latest) {
  if (!latest) refuse("there is nothing to report: the journal is empty");
  journal_opening out;
  out.generation = *latest;
  out.resumed = true;
  return out;
}

}  // namespace

journal_opening opening_of(const std::optional<journal_generation>& latest, const journal_manifest& manifest,
                           journal_begin begin) {
  if (manifest.batch.empty()) refuse("a batch has a name");
  if (latest) same("batch", latest->manifest.batch, manifest.batch);
  switch (begin) {
    case journal_begin::first_run:
      if (latest)
        refuse("this is to be a first run, and the journal has the batch " + in_quotes(manifest.batch) +
               " already");
      return begin_next(latest, manifest, generation_kind::first);
    case journal_begin::resume:
      if (!latest) refuse("there is nothing to resume: the journal is empty");
      [[fallthrough]];
    case journal_begin::automatic:
      if (!latest) return begin_next(latest, manifest, generation_kind::first);
      if (latest->finished)
        refuse("the batch " + in_quotes(manifest.batch) + " is finished (generation " +
               std::to_string(latest->number) +
               "); ask for a report, for its failed jobs, or for a new generation");
      return resume(*latest, manifest);
    case journal_begin::new_generation:
      if (unfinished(latest, generation_kind::anew)) return resume(*latest, manifest);
      return begin_next(latest, manifest, generation_kind::anew);
    case journal_begin::retry_failed:
      if (!latest) refuse("there is nothing to retry: the journal is empty");
      if (unfinished(latest, generation_kind::retry)) return resume(*latest, manifest);
      same_workflow(*latest, manifest);
      return begin_next(latest, manifest, generation_kind::retry);
    case journal_begin::report:
      return report(latest);
  }
  refuse("no such way to begin");
}

void check_claim(const journal_record& wanted) {
  if (wanted.key.empty()) refuse("a key is not empty");
  if (wanted.position == 0) refuse("positions count from 1");
}

bool claims_anew(const std::optional<journal_record>& latest, std::uint32_t generation) noexcept {
  if (!latest) return true;
  return latest->generation != generation && latest->stage >= journal_stage::done && latest->failed;
}

// A stage never goes back: what is written late, or again, changes nothing.

bool apply_started(journal_record& record, std::string run_id, timestamp at, int attempts) {
  if (record.stage >= journal_stage::done) return false;
  record.stage = journal_stage::started;
  record.run_id = std::move(run_id);
  record.started = at;
  record.attempts = attempts;
  return true;
}

bool apply_done(journal_record& record, std::string outcome, bool failed, timestamp at) {
  if (record.stage >= journal_stage::done) return false;
  record.stage = journal_stage::done;
  record.outcome = std::move(outcome);
  record.failed = failed;
  record.ended = at;
  return true;
}

bool apply_acknowledged(journal_record& record) noexcept {
  if (record.stage != journal_stage::done) return false;
  record.stage = journal_stage::acknowledged;
  return true;
}

void count(journal_state& state, journal_stage stage, bool failed, std::uint64_t times) noexcept {
  switch (stage) {
    case journal_stage::intent:
      state.intents += times;
      break;
    case journal_stage::started:
      state.started += times;
      break;
    case journal_stage::done:
      state.done += times;
      break;
    case journal_stage::acknowledged:
      state.acknowledged += times;
      break;
  }
  if (failed) state.failed += times;
}

void throw_no_intent(const std::string& key) { refuse("the key " + in_quotes(key) + " was not claimed"); }

void throw_report_writes() { refuse("the journal was opened for a report, which writes nothing"); }

}  // namespace mistral::workflows::bulk_core
