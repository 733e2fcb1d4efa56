#include <mistral/workflows/workers.hpp>

#include "api/decode_answer.hpp"
#include "protocol/http/request.hpp"

namespace mistral::workflows {
namespace {

using protocol::operation;

}  // namespace

workers_api::workers_api(std::shared_ptr<const session::client_handle> handle) : handle_(std::move(handle)) {}
workers_api::workers_api(const workers_api&) = default;
workers_api& workers_api::operator=(const workers_api&) = default;
workers_api::~workers_api() = default;

boost::asio::awaitable<worker_identity> workers_api::whoami() const {
  return api::deferred<worker_identity>(*handle_,
                                        [] { return protocol::request(operation::workers_whoami); });
}

}  // namespace mistral::workflows
