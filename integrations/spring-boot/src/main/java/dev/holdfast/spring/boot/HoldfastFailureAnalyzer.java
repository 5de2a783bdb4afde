package dev.holdfast.spring.boot;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says on a failed start what is wrong with the properties, without a stack trace. */
final class HoldfastFailureAnalyzer extends AbstractFailureAnalyzer<HoldfastStartException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, HoldfastStartException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), rootFailure);
    }
}
