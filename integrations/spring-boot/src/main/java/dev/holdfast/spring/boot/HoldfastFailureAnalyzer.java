package dev.holdfast.spring.boot;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;

/** Says on a failed start what is wrong with the properties, without a stack trace. */
final class HoldfastFailureAnalyzer extends AbstractFailureAnalyzer<HoldfastStartException> implements Ordered {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, HoldfastStartException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), rootFailure);
    }

    /** Before Spring Boot's own, which know less if a property could not be bound. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
