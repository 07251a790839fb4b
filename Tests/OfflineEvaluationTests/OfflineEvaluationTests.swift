// OfflineEvaluationTests
