// The descriptions of metrics.
// Not their codecs: those are instantiated in codec_metrics.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/metrics.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(scalar_metric, (), (value))
BOOST_DESCRIBE_STRUCT(time_series_metric, (), (value))
BOOST_DESCRIBE_STRUCT(workflow_metrics, (),
                      (execution_count, success_count, error_count, average_latency_ms, latency_over_time,
                       retry_rate))

namespace protocol {

/// A point is an array of two.
template <>
struct codec<time_series_point> {
  static constexpr std::string_view expected = "a pair of timestamp and value";
  static bool array(reader& r, time_series_point& out);
  static void write(writer& w, const time_series_point& point);
};

using metrics_types = boost::mp11::mp_list<scalar_metric, time_series_metric, workflow_metrics>;

}  // namespace protocol
}  // namespace mistral::workflows
