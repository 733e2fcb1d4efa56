#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_metrics.hpp"

namespace mistral::workflows {
namespace protocol {
namespace {

// The first element is the timestamp, the second the value.
constexpr array_table pair{&table_of<std::int64_t>,
                           [](void* target, std::size_t index, const value_table*& element) -> void* {
                             auto& point = *static_cast<time_series_point*>(target);
                             if (index == 0) return &point.timestamp;
                             element = &table_of<number>;
                             return &point.value;
                           },
                           nullptr, 2, 2};

}  // namespace

bool codec<time_series_point>::array(reader& r, time_series_point& out) {
  return r.push_array(pair, &out), true;
}

void codec<time_series_point>::write(writer& w, const time_series_point& point) {
  w.out += '[';
  w.integer(point.timestamp);
  w.out += ',';
  codec<number>::write(w, point.value);
  w.out += ']';
}

}  // namespace protocol

bool operator==(const time_series_point& a, const time_series_point& b) {
  return a.timestamp == b.timestamp && a.value == b.value;
}

MISTRAL_WORKFLOWS_DEFINE_MODEL(scalar_metric)
MISTRAL_WORKFLOWS_DEFINE_MODEL(time_series_metric)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_metrics)

}  // namespace mistral::workflows
