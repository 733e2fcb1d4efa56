#include "openapi/models.hpp"

#include "protocol/json/model/describe_all.hpp"

namespace openapi {
namespace {

using namespace mistral::workflows;
using protocol::decode;
using protocol::nulls;

// An event that does not fit is no problem of the document around it.
const event_problem* event_problem_in(const workflow_event& event) {
  const auto* unknown = std::get_if<unknown_event>(&event.attributes);
  return unknown && unknown->error ? &*unknown->error : nullptr;
}
const event_problem* event_problem_in(const stream_event& event) { return event_problem_in(event.data); }
const event_problem* event_problem_in(const event_page& page) {
  for (const workflow_event& event : page.events)
    if (const event_problem* found = event_problem_in(event)) return found;
  return nullptr;
}

template <class T>
reading read(std::string_view document, nulls empty) {
  static_assert(boost::mp11::mp_contains<protocol::described_types, T>::value,
                "the fuzz target must know it too");
  reading out;
  T value;
  out.problem = decode(document, value);
  if (out.problem) return out;
  if constexpr (requires { event_problem_in(value); }) {
    if (const event_problem* found = event_problem_in(value)) {
      out.problem.emplace(found->path, found->reason);
      out.kept_as_unknown = true;
    }
  }
  out.text = protocol::encode(value, empty);
  return out;
}

template <class T>
model as(std::string_view schema) {
  return {schema, &read<T>, protocol::forgives<T>};
}

}  // namespace

const std::vector<model>& models() {
  static const std::vector<model> table = {
      as<workflow_event>("WorkflowExecutionStartedResponse"),
      as<workflow_execution_started>("WorkflowExecutionStartedAttributesResponse"),
      as<workflow_event>("WorkflowExecutionCompletedResponse"),
      as<workflow_execution_completed>("WorkflowExecutionCompletedAttributesResponse"),
      as<workflow_event>("WorkflowExecutionFailedResponse"),
      as<workflow_execution_failed>("WorkflowExecutionFailedAttributes"),
      as<workflow_event>("WorkflowExecutionCanceledResponse"),
      as<workflow_execution_canceled>("WorkflowExecutionCanceledAttributes"),
      as<workflow_event>("WorkflowExecutionContinuedAsNewResponse"),
      as<workflow_execution_continued_as_new>("WorkflowExecutionContinuedAsNewAttributesResponse"),
      as<workflow_event>("WorkflowTaskTimedOutResponse"),
      as<workflow_task_timed_out>("WorkflowTaskTimedOutAttributes"),
      as<workflow_event>("WorkflowTaskFailedResponse"),
      as<workflow_task_failed>("WorkflowTaskFailedAttributes"),
      as<workflow_event>("CustomTaskStartedResponse"),
      as<custom_task_started>("CustomTaskStartedAttributesResponse"),
      as<workflow_event>("CustomTaskInProgressResponse"),
      as<custom_task_in_progress>("CustomTaskInProgressAttributesResponse"),
      as<workflow_event>("CustomTaskCompletedResponse"),
      as<custom_task_completed>("CustomTaskCompletedAttributesResponse"),
      as<workflow_event>("CustomTaskFailedResponse"),
      as<custom_task_failed>("CustomTaskFailedAttributes"),
      as<workflow_event>("CustomTaskTimedOutResponse"),
      as<custom_task_timed_out>("CustomTaskTimedOutAttributes"),
      as<workflow_event>("CustomTaskCanceledResponse"),
      as<custom_task_canceled>("CustomTaskCanceledAttributes"),
      as<workflow_event>("ActivityTaskStartedResponse"),
      as<activity_task_started>("ActivityTaskStartedAttributesResponse"),
      as<workflow_event>("ActivityTaskCompletedResponse"),
      as<activity_task_completed>("ActivityTaskCompletedAttributesResponse"),
      as<workflow_event>("ActivityTaskRetryingResponse"),
      as<activity_task_retrying>("ActivityTaskRetryingAttributes"),
      as<workflow_event>("ActivityTaskFailedResponse"),
      as<activity_task_failed>("ActivityTaskFailedAttributes"),
      as<failure>("Failure"),
      as<json_payload>("JSONPayloadResponse"),
      as<json_patch_payload>("JSONPatchPayloadResponse"),
      as<encrypted_patch_value>("EncryptedPatchValue"),
      as<json_patch_step>("JSONPatchAdd"),
      as<json_patch_step>("JSONPatchAppend"),
      as<json_patch_step>("JSONPatchRemove"),
      as<json_patch_step>("JSONPatchReplace"),
      as<event_page>("ListWorkflowEventResponse"),
      as<stream_event>("StreamEventSsePayload"),
      as<stream_error>("StreamEventSseErrorData"),
      as<stream_error>("StreamError"),
      as<stream_workflow_context>("StreamEventWorkflowContext"),

      as<batch_result>("BatchExecutionResponse"),
      as<batch_entry>("BatchExecutionResult"),
      as<execution>("WorkflowExecutionResponse"),
      as<execution_result>("WorkflowExecutionSyncResponse"),
      as<execution_summary>("WorkflowExecutionWithoutResultResponse"),
      as<run_page>("WorkflowExecutionListResponse"),
      as<signal_answer>("SignalWorkflowResponse"),
      as<query_answer>("QueryWorkflowResponse"),
      as<update_answer>("UpdateWorkflowResponse"),
      as<log_record>("ExecutionLogRecord"),
      as<log_page>("ExecutionLogSearchResponse"),
      as<log_record>("DeploymentLogRecord"),
      as<log_page>("DeploymentLogSearchResponse"),
      as<trace_info>("ExecutionTraceInfoResponse"),
      as<trace_event>("WorkflowExecutionTraceEvent"),
      as<trace_event>("WorkflowExecutionProgressTraceEvent"),
      as<trace_span>("WorkflowExecutionTraceSummarySpan"),
      as<execution_trace_events>("WorkflowExecutionTraceEventsResponse"),
      as<execution_trace_summary>("WorkflowExecutionTraceSummaryResponse"),
      as<execution_otel_trace>("WorkflowExecutionTraceOTelResponse"),
      as<otel_trace>("TempoGetTraceResponse"),
      as<otel_batch>("TempoTraceBatch"),
      as<otel_resource>("TempoTraceResource"),
      as<otel_scope_spans>("TempoTraceScopeSpan"),
      as<otel_scope>("TempoTraceScope"),
      as<otel_span>("TempoTraceSpan"),
      as<otel_event>("TempoTraceEvent"),
      as<otel_attribute>("TempoTraceAttribute"),
      as<otel_value>("TempoTraceAttributeStringValue"),
      as<otel_value>("TempoTraceAttributeIntValue"),
      as<otel_value>("TempoTraceAttributeBoolValue"),
      as<otel_value>("TempoTraceAttributeArrayValue"),
      as<otel_value>("TempoTraceAttributeArrayElement"),
      as<otel_array>("TempoTraceAttributeArrayContainer"),
      as<validation_error>("ValidationError"),
      as<validation_error_body>("HTTPValidationError"),
      as<workflow>("Workflow"),
      as<workflow_with_status>("WorkflowWithWorkerStatus"),
      as<workflow_metadata>("WorkflowMetadata"),
      as<workflow_definition_summary>("WorkflowBasicDefinition"),
      as<workflow_page>("WorkflowListResponse"),
      as<workflow_get_answer>("WorkflowGetResponse"),
      as<workflow_answer>("WorkflowArchiveResponse"),
      as<workflow_answer>("WorkflowUnarchiveResponse"),
      as<workflow_answer>("WorkflowUpdateResponse"),
      as<workflow_bulk_error>("WorkflowBulkError"),
      as<workflow_archive_result>("WorkflowBulkArchiveResponse"),
      as<workflow_unarchive_result>("WorkflowBulkUnarchiveResponse"),
      as<signal_definition>("SignalDefinition"),
      as<query_definition>("QueryDefinition"),
      as<update_definition>("UpdateDefinition"),
      as<workflow_code_definition>("WorkflowCodeDefinition"),
      as<workflow_registration>("WorkflowRegistration"),
      as<workflow_registration_with_status>("WorkflowRegistrationWithWorkerStatus"),
      as<registration_answer>("WorkflowRegistrationGetResponse"),
      as<registration_page>("WorkflowRegistrationListResponse"),
      as<scalar_metric>("ScalarMetric"),
      as<time_series_metric>("TimeSeriesMetric"),
      as<workflow_metrics>("WorkflowMetrics"),
      as<schedule_range>("ScheduleRange"),
      as<schedule_calendar>("ScheduleCalendar"),
      as<schedule_interval>("ScheduleInterval"),
      as<schedule_policy>("SchedulePolicy"),
      as<schedule>("ScheduleDefinitionOutput"),
      as<schedule_future_execution>("ScheduleFutureExecution"),
      as<schedule_recent_execution>("ScheduleRecentExecution"),
      as<schedule_page>("WorkflowScheduleListResponse"),
      as<schedule_answer>("WorkflowScheduleResponse"),
      as<deployment_location>("DeploymentLocation"),
      as<deployment_worker>("DeploymentWorkerResponse"),
      as<worker_page>("DeploymentWorkerListResponse"),
      as<git_commit_author>("GitCommitAuthor"),
      as<git_commit>("GitCommitMetadata"),
      as<worker_spec>("DeploymentWorkerSpecResponse"),
      as<deployment_resources>("DeploymentResourceConfig"),
      as<deployment_build_state>("DeploymentBuildState"),
      as<deployment_observed_state>("DeploymentObservedState"),
      as<managed_deployment>("ManagedDeploymentResponse"),
      as<deployment>("DeploymentResponse"),
      as<deployment_detail>("DeploymentDetailResponse"),
      as<deployment_page>("DeploymentListResponse"),

      as<batch_body>("BatchExecutionBody"),
      as<execute_body>("WorkflowExecutionRequest"),
      as<network_encoded_input>("NetworkEncodedInput"),
      as<invocation_body>("SignalInvocationBody"),
      as<invocation_body>("QueryInvocationBody"),
      as<invocation_body>("UpdateInvocationBody"),
      as<reset_body>("ResetInvocationBody"),
      as<workflow_update_body>("WorkflowUpdateRequest"),
      as<workflow_ids_body>("WorkflowBulkArchiveRequest"),
      as<workflow_ids_body>("WorkflowBulkUnarchiveRequest"),
      as<schedule_definition>("ScheduleDefinition"),
      as<schedule_create_body>("WorkflowScheduleRequest"),
      as<schedule_pause_body>("WorkflowSchedulePauseRequest"),
      as<schedule_trigger_body>("WorkflowScheduleTriggerRequest"),
      as<deployment_create_body>("CreateDeploymentRequest"),
      as<worker_spec_input>("DeploymentWorkerSpecInput"),
      as<schedule_patch>("PartialScheduleDefinition"),
      as<schedule_update_body>("WorkflowScheduleUpdateRequest"),
      as<deployment_update_body>("UpdateDeploymentRequest"),
      as<worker_spec_patch>("WorkflowsWorkerSpecUpdate"),
      as<deployment_resources_patch>("DeploymentResourceConfigUpdate"),
  };
  return table;
}

const model* model_of(std::string_view schema) {
  for (const model& each : models())
    if (each.schema == schema) return &each;
  return nullptr;
}

}  // namespace openapi
