package dev.holdfast.spring.boot.actuate;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;

/** For Spring Boot 3. */
final class Boot3HealthIndicator implements HealthIndicator {
    private final ClusterHealth cluster;

    Boot3HealthIndicator(ClusterHealth cluster) {
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
