// Whether an end, a run that is followed and a failure are right, where they come.
#include "protocol/follow/model/judge.hpp"

#include <algorithm>

namespace follow_model {

bool judge::all_delivered() const {
  const auto& events = server_.execution_no(execution_).events;
  const auto& seen = delivered_[place(execution_)];
  for (std::size_t i = 0; i < events.size(); ++i)
    if (!seen[i] && events[i].at != never) return false;
  return true;
}

bool judge::budget_spent(const instants& at) const {
  if (rules_.max_attempts > 0 && failures_ >= rules_.max_attempts) return true;
  return failures_ > 0 && at.now - life_ + longest_retry_after_ >= of(rules_.budget) - tick;
}

// Without an identity a repeated event and a new one are
// alike, so a later successor may be taken for the former.
bool judge::names_run_elsewhere() const {
  const auto* const end = terminal();
  return end && end->terminal == terminal_kind::continued_as_new && end->names >= 0 && end->identified &&
         rules_.follow_continue_as_new && !run_.found_here && !run_.begun_here;
}

// No connection brings anything that could matter. Where events may still tell of an end it is not sure.
bool judge::gets_alone() const {
  if (no_stream_) return rules_.for_result;
  const bool without_event = first_ended_ && first_ended_->kind == last_ended_.kind &&
                             leaves_no_event(last_ended_.kind) && terminal_ < 0 && !own_since_;
  return without_event && (rules_.for_result || drained());
}

// Nor does any where a terminal event waits for the GET that confirms it, as long as no other run may be on.
bool judge::gets_decide() const {
  const bool of_one_run = !run_.found_here && !run_.begun_here;
  return gets_alone() || (said_ && of_one_run && !first_ended_);
}

bool judge::unanswered_for_long(const instants& at) const {
  const auto long_ago = [&](const std::optional<instant>& since) {
    return since && at.now - *since >= of(rules_.budget) - tick;
  };
  const bool may_be_alone = without_stream_ || first_ended_ || no_content_ || terminal_ >= 0;
  return long_ago(run_.unanswered) || (may_be_alone && long_ago(unanswered_));
}

void judge::count_undelivered(bool by_drain) {
  if (all_delivered()) return;
  if (!by_drain)
    ++counts_.harm.event_after_its_end;
  else if (last_loss_ == protocol::loss::clean_end && !open_)
    ++counts_.harm.event_behind_a_clean_end;
  else
    ++counts_.harm.event_after_the_drain;
}

void judge::ended(terminal_kind known, const instants& at) {
  count(at);
  see_drain(at, false);
  counts_.met(hit::end);
  must(!none_owed_ || at.waited - begun_.waited <= *none_owed_, "a long wait behind a marked cursor");
  must(rules_.watches_execution || no_content_, "a stream without an execution has ended");
  if (no_content_ && !rules_.for_result) return;
  const auto* const end = terminal();
  if (!rules_.follow_continue_as_new && continued_ && !rules_.for_result) return;
  must(ended_known_, "an end that no GET has told");
  if (wrong_ || !ended_known_) return;
  const int later = server_.execution_no(execution_).runs.back();
  const auto& last_run = server_.run_no(later);
  const bool unseen_run = last_run.begins > last_ended_.of;
  if (unseen_run) ++counts_.harm.run_after_the_last_get;
  must(unseen_run || last_run.ends <= last_ended_.of ||
           last_ended_.of >= server_.execution_no(execution_).expires,
       "an end of what goes on");
  const bool without_event = leaves_no_event(last_ended_.kind);
  if (without_event) must(ended_in_a_row_ >= 2, "an end without a second GET");
  if (rules_.for_result) {
    counts_.met(hit::end_of_result);
    must(known != terminal_kind::none, "a result without an end");
    must(known == last_ended_.kind, "a result with another end than the GET told");
    must(!rules_.follow_continue_as_new || known != terminal_kind::continued_as_new,
         "a result of a run that was continued");
    const bool waits_for_text = known == terminal_kind::failed && !own_event_of(last_ended_.run);
    must(!waits_for_text || at.waited - first_ended_waited_ >= 2 * second - tick,
         "no wait for the text of a failure");
    if (without_event)
      must(last_ended_.asked - first_ended_->answered >= second - tick, "a second GET too soon");
    return;
  }
  const bool named = server_.ways.event_names_run && last_ended_.run >= 0;
  const bool same_kind =
      end && (last_ended_.kind == end->terminal || last_ended_.kind == terminal_kind::none);
  const bool own_end =
      end && !run_.begun_here && (last_missing_ || (named ? end->run == last_ended_.run : same_kind));
  const bool final_kind =
      own_end && (end->terminal == terminal_kind::completed || end->terminal == terminal_kind::canceled);
  if (own_end && names_run_elsewhere()) {
    must(run_.found < 0, "an end where a run goes on elsewhere");
    must(run_.given_up, "an end before the successor was looked for");
    const bool there =
        end->names < static_cast<int>(server_.runs.size()) && server_.run_no(end->names).possible;
    if (there) ++counts_.harm.successor_found_late;
  }
  if (final_kind && named && (!last_missing_ || last_ended_.run == end->run)) {
    counts_.met(hit::end_by_event);
    count_undelivered(false);
    return;
  }
  const bool missing_over = rules_.missing_event_ends && missing_counted_ >= of(rules_.missing_after) - tick;
  must(drained() || missing_over, "an end without a drain");
  if (drained()) counts_.met(hit::end_by_drain);
  const bool owed = rules_.owes_event && !own_end && !without_event;
  must(!owed || missing_over, "an end although an event is owed");
  if (!missing_over) count_undelivered(true);
}

void judge::follows(int execution, const instants& at) {
  count(at);
  see_drain(at, false);
  counts_.met(hit::follow);
  follows_ = true;
  const auto* const end = terminal();
  must(end && end->terminal == terminal_kind::continued_as_new, "a run goes on that nothing has named");
  must(rules_.follow_continue_as_new, "a run is followed that was not to be");
  must(execution == run_.found, "another execution is followed than was found");
  if (wrong_ || rules_.for_result) return;
  must(drained() || no_content_, "an execution was left before it had drained");
  count_undelivered(true);
}

// Of a result that is told to be incomplete: however dead all is, a run that was continued may go on, unseen.
void judge::check_continued(const instants& at) {
  if (!rules_.for_result) return;
  const bool continued = rules_.follow_continue_as_new && last_ended_.kind == terminal_kind::continued_as_new;
  if (continued || !budget_spent(at))
    must(!names_run_elsewhere() || run_.given_up, "incomplete before the successor was looked for");
  must(!continued || run_.begun_here || !unanswered_,
       "incomplete although nobody answers for the run that goes on");
}

void judge::failed(protocol::wishes::verdict why, const instants& at) {
  using verdict = protocol::wishes::verdict;
  count(at);
  see_drain(at, false);
  must(!none_owed_, "a failure behind a marked cursor");
  switch (why) {
    case verdict::gave_up:
      counts_.met(hit::gave_up);
      must(budget_spent(at) || unanswered_for_long(at), "given up within the budget");
      break;
    case verdict::incomplete: {
      counts_.met(hit::incomplete);
      must(ended_known_ || first_ended_, "incomplete, and no GET says that it has ended");
      check_continued(at);
      if (wrong_ || budget_spent(at)) break;
      const instant since = rules_.for_result ? at.now - first_ended_->answered : missing_counted_;
      must(since >= of(rules_.missing_after) - tick, "incomplete before an event was missing for long");
      if (rules_.for_result || wrong_) break;
      must(missing_when_asked_ >= of(rules_.missing_after) - tick, "incomplete without a last GET");
      must(rules_.owes_event || !first_ended_, "incomplete where nothing is owed");
      const auto& followed = server_.execution_no(execution_);
      const int run = last_ended_.run >= 0 ? last_ended_.run : server_.run_at(execution_, last_ended_.of);
      const int owed = run >= 0 ? server_.run_no(run).last_event : -1;
      const bool gone = followed.expires <= at.now;
      const bool withheld = owed >= 0 && followed.events[place(owed)].at == never;
      must(gone || owed >= 0, "incomplete where no event comes");
      if (!gone && !withheld) ++counts_.harm.event_after_missing;
      if (owed >= 0 && !gone && !withheld)
        must(server_.ways.event_pause > 0 || server_.ways.faults > 0 || server_.ways.cut_every != never ||
                 followed.events[place(owed)].at > first_ended_->answered,
             "incomplete although the event was there");
      break;
    }
    case verdict::repeated_error:
      counts_.met(hit::repeated_error);
      must(same_errors_ >= 3, "given up over an error that was not the same three times");
      break;
    case verdict::wrong_type:
      counts_.met(hit::wrong_type);
      must(wrong_types_ >= 3, "given up over a type that did not come three times");
      break;
    case verdict::status_refused:
      counts_.met(hit::status_refused);
      must(rules_.for_result && (status_refused_ || missing_refuses_), "a refused GET that was not");
      break;
    case verdict::none:
    case verdict::end:
    case verdict::follow:
      must(false, "no failure");
  }
}

}  // namespace follow_model
