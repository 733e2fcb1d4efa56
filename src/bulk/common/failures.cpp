#include "bulk/common/failures.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

bool ends_the_task(const std::exception_ptr& failure, const asio::cancellation_state& own) {
  const boost::system::error_code code = code_of(failure);
  if (code == errc::closed) return true;
  return code == asio::error::operation_aborted && own.cancelled() != asio::cancellation_type::none;
}

std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& what) {
    return what.what();
  } catch (...) {
    return "something was thrown that is no std::exception";
  }
}

boost::system::error_code code_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& what) {
    return what.code();
  } catch (...) {
    return make_error_code(boost::system::errc::permission_denied);
  }
}

}  // namespace mistral::workflows::bulk_run
