package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.testkit.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.aggregator.AggregatingMessageHandler;
import org.springframework.integration.aggregator.DefaultAggregatingMessageGroupProcessor;
import org.springframework.integration.channel.QueueChannel;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.store.SimpleMessageStore;
import org.springframework.integration.support.MessageBuilder;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHandlingException;

/** The framework's aggregator with our locks, twice over one store, as two instances of an application have it. */
class FlowsTest {
    private static final int GROUPS = 20;
    private static final int PARTS = 5;

    @Configuration
    @EnableIntegration
    static class Application {
        @Bean(destroyMethod = "close")
        TestCluster cluster() {
            return TestCluster.start();
        }

        @Bean
        SimpleMessageStore store() {
            return new SimpleMessageStore();
        }

        @Bean
        QueueChannel results() {
            return new QueueChannel();
        }

        @Bean
        AggregatingMessageHandler one(TestCluster cluster, SimpleMessageStore store, QueueChannel results) {
            return aggregator(cluster.client(), store, results);
        }

        @Bean
        AggregatingMessageHandler two(TestCluster cluster, SimpleMessageStore store, QueueChannel results) {
            return aggregator(cluster.newClient(), store, results);
        }

        private static AggregatingMessageHandler aggregator(
                HoldfastClient client, SimpleMessageStore store, QueueChannel results) {
            AggregatingMessageHandler handler =
                    new AggregatingMessageHandler(new DefaultAggregatingMessageGroupProcessor(), store);
            handler.setLockRegistry(new HoldfastLockRegistry(client));
            handler.setOutputChannel(results);
            handler.setExpireGroupsUponCompletion(true);
            return handler;
        }
    }

    private static Message<String> part(int group, int number) {
        return MessageBuilder.withPayload(group + "." + number)
                .setCorrelationId("group" + group)
                .setSequenceNumber(number)
                .setSequenceSize(PARTS)
                .build();
    }

    @Test
    void two_aggregators_over_one_store_complete_each_group_once() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Application.class)) {
            List<AggregatingMessageHandler> handlers = List.of(
                    context.getBean("one", AggregatingMessageHandler.class),
                    context.getBean("two", AggregatingMessageHandler.class));
            List<Future<?>> sent = new ArrayList<>();
            for (int number = 1; number <= PARTS; number++) {
                for (int group = 0; group < GROUPS; group++) {
                    Message<String> message = part(group, number);
                    AggregatingMessageHandler handler = handlers.get((group + number) % 2);
                    sent.add(threads.submit(() -> handler.handleMessage(message)));
                }
            }
            for (Future<?> each : sent) {
                each.get(1, TimeUnit.MINUTES);
            }

            QueueChannel results = context.getBean(QueueChannel.class);
            assertThat(results.getQueueSize()).isEqualTo(GROUPS);
            for (int i = 0; i < GROUPS; i++) {
                assertThat((List<?>) results.receive(0).getPayload()).hasSize(PARTS);
            }
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    @Test
    void an_aggregator_whose_process_cannot_lock_fails_the_message() {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Application.class)) {
            context.getBean(TestCluster.class).client().close();
            AggregatingMessageHandler one = context.getBean("one", AggregatingMessageHandler.class);
            assertThatExceptionOfType(MessageHandlingException.class).isThrownBy(() -> one.handleMessage(part(0, 1)));
            assertThat(context.getBean(SimpleMessageStore.class).getMessageGroupCount())
                    .isZero();
        }
    }
}
