/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every entry of the shim shares: cv::Mat headers around the caller's memory, and
 * the fence that turns exceptions into a status.
 */
#ifndef CV_SHIM_CV_GUARD_HPP
#define CV_SHIM_CV_GUARD_HPP

#include <exception>
#include <new>

#include <opencv2/core.hpp>

#include "cv_shim/cv_image.h"
#include "process_offline/status.h"

namespace cv_guard
{

inline cv::Mat wrap(const struct cv_image *image)
{
    return cv::Mat(image->height_px, image->width_px, CV_8UC(image->channels),
                   image->pixels, static_cast<size_t>(image->stride_bytes));
}

inline enum po_status out_of_memory(const char *step, struct po_error *error)
{
    return po_fail(error, PO_OUT_OF_MEMORY,
                   "the system refused memory to OpenCV's %s; use fewer --workers or a "
                   "lower --memory-limit",
                   step);
}

/* Runs `work`; nothing it throws passes. `step` names it in the message. */
template <typename Work>
enum po_status run(const char *step, struct po_error *error, Work work) noexcept
{
    try {
        work();
        return PO_OK;
    } catch (const std::bad_alloc &) {
        return out_of_memory(step, error);
    } catch (const cv::Exception &e) {
        if (e.code == cv::Error::StsNoMem)
            return out_of_memory(step, error);
        return po_fail(error, PO_INTERNAL, "OpenCV's %s failed: %s", step, e.what());
    } catch (const std::exception &e) {
        return po_fail(error, PO_INTERNAL, "OpenCV's %s failed: %s", step, e.what());
    } catch (...) {
        return po_fail(error, PO_INTERNAL, "OpenCV's %s failed", step);
    }
}

/* OpenCV replaces a target it finds unfit by memory of its own, and the caller's would
 * stay unwritten: that is an error. */
inline void require_in_place(const cv::Mat &target, const void *memory)
{
    if (static_cast<const void *>(target.data) != memory)
        CV_Error(cv::Error::StsUnmatchedSizes, "the target has another size or type");
}

} // namespace cv_guard

#endif
