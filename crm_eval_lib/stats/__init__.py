"""Statistics, thin on scipy and statsmodels: intervals, survival, series, sampling."""
