package dev.holdfast.spring.boot;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** How an application ends when its peer has failed. */
@FunctionalInterface
interface ApplicationExit {
    /** Closes the context, and ends the process so that whoever watches it sees a failure, unless a bean of the application has another code for that. */
    ApplicationExit WITH_FAILURE = context -> System.exit(SpringApplication.exit(context, () -> 1));

    void exit(ConfigurableApplicationContext context);
}
