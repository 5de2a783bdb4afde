package dev.holdfast.http.internal;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.node.HoldfastNode;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmBufferPoolMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmClassLoadingMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmCompilationMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmRuntimeInfoMetric;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** What the node, Ratis, the JVM and the process measure, in the format that a scraper prefers. */
public final class MetricsAnswers {
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final PrometheusRegistry all = new PrometheusRegistry();

    public MetricsAnswers(HoldfastNode node, MetricRegistry registry) {
        all.register(new ExportedMetrics(registry, node));
        // All but those of allocation, which would leave listeners behind in the application's JVM.
        JvmBufferPoolMetrics.builder().register(all);
        JvmClassLoadingMetrics.builder().register(all);
        JvmCompilationMetrics.builder().register(all);
        JvmGarbageCollectorMetrics.builder().register(all);
        JvmMemoryMetrics.builder().register(all);
        JvmRuntimeInfoMetric.builder().register(all);
        JvmThreadsMetrics.builder().register(all);
        ProcessMetrics.builder().register(all);
    }

    /** @param accept the header of the request; {@code null} if there is none */
    Answer answer(@Nullable String accept) {
        ExpositionFormatWriter format = formats.findWriter(accept == null ? "" : accept);
        ByteArrayOutputStream body = new ByteArrayOutputStream(1 << 15);
        try {
            format.write(body, all.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("nothing fails in memory", e);
        }
        return new Answer(HttpStatus.OK_200, format.getContentType(), ByteBuffer.wrap(body.toByteArray()));
    }
}
