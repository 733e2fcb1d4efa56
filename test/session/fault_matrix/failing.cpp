#include "session/fault_matrix/failing.hpp"

#include <mistral/workflows.hpp>

namespace fault_matrix {

namespace wf = mistral::workflows;

std::optional<wf::testing::fault> fault_of(const row& what) {
  wf::testing::fault out;
  switch (what.what) {
    case way::closed_after:
      return out.close_after_processing();
    case way::cut_head:
      return out.cut_answer(20);
    case way::cut_body:
      return out.cut_body(1);
    case way::stalled:
      return out.stall(0);
    case way::dies_in_use:
      return out.close_before_processing();
    case way::answers:
      out.answer(what.status, std::string(what.code));
      if (what.retry_after) out.retry_after(std::chrono::seconds(1));
      return out;
    default:
      return std::nullopt;
  }
}

std::string name_of(const wf::error& e) {
  if (const auto* answer = dynamic_cast<const wf::api_error*>(&e))
    return "api_error " + std::to_string(answer->status());
  if (dynamic_cast<const wf::transport_error*>(&e)) return "transport_error";
  if (dynamic_cast<const wf::timeout_error*>(&e)) return "timeout_error";
  if (dynamic_cast<const wf::stream_failure*>(&e)) return "stream_failure";
  if (dynamic_cast<const wf::decode_error*>(&e)) return "decode_error";
  return e.what();
}

}  // namespace fault_matrix
