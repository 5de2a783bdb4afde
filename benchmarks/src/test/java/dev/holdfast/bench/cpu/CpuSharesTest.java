package dev.holdfast.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuSharesTest {
    @Test
    void what_takes_more_than_a_twentieth_disturbs() {
        assertThat(CpuShares.remark(new CpuShares(5, 5))).isEmpty();
        assertThat(CpuShares.remark(new CpuShares(5.1, 0))).isEqualTo(", disturbed by JIT compilers");
        assertThat(CpuShares.remark(new CpuShares(0, 60))).isEqualTo(", disturbed by other processes");
        assertThat(CpuShares.remark(new CpuShares(6, 60)))
                .isEqualTo(", disturbed by JIT compilers and other processes");
    }

    @Test
    void what_is_not_known_is_a_dash() {
        assertThat(CpuShares.jitOf(null)).isEqualTo("-");
        assertThat(CpuShares.othersOf(null)).isEqualTo("-");
        assertThat(CpuShares.remark(null)).isEmpty();
        assertThat(CpuShares.jitOf(new CpuShares(33.4, 0))).isEqualTo("33 %");
    }
}
