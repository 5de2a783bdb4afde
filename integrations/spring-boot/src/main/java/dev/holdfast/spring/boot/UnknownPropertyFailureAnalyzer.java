package dev.holdfast.spring.boot;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;

/** In place of Spring Boot's own, which shows the values: a name that is not quite that of a secret may have a secret for a value. */
final class UnknownPropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException>
        implements Ordered {
    private static final ConfigurationPropertyName HOLDFAST = ConfigurationPropertyName.of("holdfast");

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        List<String> names = cause.getUnboundProperties().stream()
                .map(ConfigurationProperty::getName)
                .filter(HOLDFAST::isAncestorOf)
                .map(ConfigurationPropertyName::toString)
                .sorted()
                .toList();
        return names.isEmpty()
                ? null
                : new FailureAnalysis(
                        "There is no such property: " + String.join(", ", names),
                        "Correct the names, or remove them. docs/spring-boot.md lists the properties.",
                        rootFailure);
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
