package dev.holdfast.spring.boot.actuate;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** For Spring Boot 4, which has health in another package. */
final class Boot4HealthIndicator implements HealthIndicator {
    private final ClusterHealth cluster;

    Boot4HealthIndicator(ClusterHealth cluster) {
        this.cluster = cluster;
    }

    @Override
    public Health health() {
        ClusterHealth.Verdict verdict = cluster.check();
        return (verdict.up() ? Health.up() : Health.down())
                .withDetails(verdict.details())
                .build();
    }
}
