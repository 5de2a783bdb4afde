package dev.holdfast.samples.ticks;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Started three times, with a peer in each, it runs a job once a second between them. */
@SpringBootApplication
@EnableScheduling
public class TicksApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(TicksApplication.class, arguments);
    }
}
