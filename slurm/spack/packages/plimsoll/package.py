# Copyright: the Plimsoll maintainers. SPDX-License-Identifier: GPL-3.0-or-later
#
#     spack repo add slurm/spack
#     spack dev-build plimsoll@0.1.0        # in the source tree
from spack.package import *


class Plimsoll(CMakePackage):
    """Distributed calibration of the margin parameters of a derivatives venue, with the
    same bytes on any number of ranks."""

    homepage = "https://plimsoll.invalid"
    # there is no release yet: `spack dev-build` in the source tree
    version("0.1.0")

    license("GPL-3.0-or-later")

    depends_on("c", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    # the store is written by one process: the serial library
    depends_on("hdf5@1.10: ~mpi +hl")
    depends_on("gsl@2.7:")
    depends_on("libzmq@4.3:")
    depends_on("libsodium@1.0.18:")
    depends_on("jansson@2.14:")
    depends_on("libfyaml@0.7:")
    depends_on("libarchive@3.6:")
    depends_on("lz4@1.9:")
    depends_on("cunit", type=("build", "test"))

    def cmake_args(self):
        return [self.define("CMAKE_BUILD_TYPE", "Release")]

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def check_installed(self):
        program = Executable(self.prefix.bin.plimsoll)
        program("--version")
