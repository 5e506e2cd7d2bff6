console.log("hello from worker");
