/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCV's core asks this for OpenGL's functions when somebody asks it for OpenGL. Nobody
 * here does, and the library that has it brings forty packages: there is none.
 */
extern "C" void (*glXGetProcAddressARB(const unsigned char *name))(void)
{
    (void)name;
    return nullptr;
}
