// Everything a user of the library needs, in one include.
// Not the local server for tests: that is in mistral/workflows/testing.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/batch.hpp>
#include <mistral/workflows/call_options.hpp>
#include <mistral/workflows/client.hpp>
#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/deployments.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/events.hpp>
#include <mistral/workflows/execution_handle.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/from_json.hpp>
#include <mistral/workflows/hooks.hpp>
#include <mistral/workflows/log_stream.hpp>
#include <mistral/workflows/merge.hpp>
#include <mistral/workflows/metrics.hpp>
#include <mistral/workflows/raw_event.hpp>
#include <mistral/workflows/registrations.hpp>
#include <mistral/workflows/runs.hpp>
#include <mistral/workflows/schedules.hpp>
#include <mistral/workflows/sort_order.hpp>
#include <mistral/workflows/try.hpp>
#include <mistral/workflows/version.hpp>
#include <mistral/workflows/workers.hpp>
#include <mistral/workflows/workflows.hpp>
