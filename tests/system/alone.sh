# alone.sh -- for tests that start one process hundreds of times; after lib.sh
# shellcheck shell=sh
# A process alone needs neither a daemon of Open MPI's nor its network (a third of the
# time), and a place of its own for what Open MPI keeps: processes that come and go at
# once take /tmp/ompi.HOST.UID away from each other.
# shellcheck disable=SC2154  # of lib.sh
export OMPI_MCA_orte_tmpdir_base="$work"
export OMPI_MCA_ess_singleton_isolated=1 OMPI_MCA_btl=self OMPI_MCA_pml=ob1
