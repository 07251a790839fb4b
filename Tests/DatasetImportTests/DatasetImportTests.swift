// DatasetImportTests
